import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readBundle } from '../../../../lib/model/files.ts'
import { withCategories } from '../../../../lib/model/foreign-trees/category-numbers.ts'
import { readForest } from '../../../../lib/model/foreign-trees/foreign-file.ts'
import { rowsTurned } from '../../../../lib/model/foreign-trees/forest-check.ts'
import { forestGraph } from '../../../../lib/model/foreign-trees/forest-graph.ts'
import type { ImportFlags } from '../../../../lib/model/import/import-flags.ts'
import { importModel } from '../../../../lib/model/import/run-import.ts'
import { openSession } from '../../../../lib/onnx/session.ts'
import { folder } from '../fixture.ts'

/**
 * Models of LightGBM, XGBoost and CatBoost and what these programs say of rows with unknown values,
 * zeros and categories; made by bench/peers/tree-models.py.
 */
const at = (name: string): string => new URL(`trees/${name}`, import.meta.url).pathname
const EXPECTED = JSON.parse(readFileSync(at('expected.json'), 'utf8')) as {
  rows: string
  width: number
  files: Record<string, number[][]>
}
const ROWS = new Float32Array(Uint8Array.from(Buffer.from(EXPECTED.rows, 'base64')).buffer)
const WIDTH = EXPECTED.width
const COUNT = ROWS.length / WIDTH

/**
 * The rows that a program was asked for: XGBoost refuses categories that it did not see, CatBoost
 * unknown ones, for which its makers wrote −1.
 */
function rowsFor(name: string): Float32Array {
  const rows = ROWS.slice()
  if (/^cat-(categories|onehot)/.test(name))
    return rows.map((x, at) => (at % WIDTH === 4 && Number.isNaN(x) ? -1 : x))
  if (name.startsWith('xgb')) rows.set([0], WIDTH + 4)
  if (name.startsWith('xgb')) rows.set([11], 2 * WIDTH + 4)
  return rows
}

for (const [name, said] of Object.entries(EXPECTED.files).filter(([file]) => existsSync(at(file))))
  test(`${name} says as a graph what its own program says`, async () => {
    const graph = forestGraph(readForest(readFileSync(at(name)), name)!)
    const session = await openSession(graph)
    const feed = { name: 'x', data: rowsFor(name), shape: [WIDTH] }
    const y = (await session.run([feed], COUNT)).get('y')!
    await session.release()
    const columns = said[0]!.length
    assert.equal(y.length, COUNT * columns)
    for (const [i, row] of said.entries())
      for (const [k, value] of row.entries()) {
        const found = y[i * columns + k]!
        assert.ok(Math.abs(found - value) < 1e-6 * Math.max(1, Math.abs(value)), `${i}: ${found}`)
      }
  })

const flags = (root: string, more: Partial<ImportFlags> = {}): ImportFlags => ({
  out: join(root, 'moon', '1'),
  features: [
    ...['priceChange1', 'priceChange3', 'consecutiveGains', 'volumeSpike'],
    ...['a', 'b'].map((_, k) => POOL[k]!),
  ],
  scalers: undefined,
  scaler: undefined,
  kind: undefined,
  set: undefined,
  head: undefined,
  input: undefined,
  output: undefined,
  class: undefined,
  column: undefined,
  unit: undefined,
  map: undefined,
  parity: undefined,
  mostUnknown: undefined,
  categories: undefined,
  ...more,
})
const POOL = ['priceChange5', 'priceChange15']

test('trees come in as a bundle; classes by word', async t => {
  const root = folder(t)
  const names = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5']
  const own = { features: names, set: 'mine' }
  const bundle = await importModel(at('lgb-binary.txt'), flags(root, own))
  assert.match(bundle.notes.join('\n'), /Trees of LightGBM v4/)
  assert.match(bundle.notes.join('\n'), /of 1000 rows of doubles .* \d+ go another way/)
  assert.equal(readBundle(join(root, 'moon', '1')).bundle.heads[0]!.name, 'p')
  const words = (more: Partial<ImportFlags>) =>
    importModel(
      at('cat-words.json'),
      flags(root, { ...own, out: join(root, 'moon', '2'), ...more }),
    )
  await assert.rejects(words({ column: 1 }), /column 1 is RUG; choose one by its word/)
  assert.equal((await words({ class: 'PUMP' })).heads[0]!.class, 'PUMP')
  const third = { ...own, out: join(root, 'moon', '3'), column: 1 }
  const categories = await importModel(at('cat-categories.json'), flags(root, third))
  assert.match(categories.notes.join('\n'), /Categories in features 4 are whole numbers/)
})

test('categories of CatBoost that no line can hold or no tree can say are refused by name', () => {
  const text = readFileSync(at('cat-categories.json'), 'utf8')
  const refused = (change: (model: Record<string, any>) => void, message: RegExp) => {
    const model = JSON.parse(text)
    change(model)
    const bytes = Buffer.from(JSON.stringify(model))
    assert.throws(() => readForest(bytes, 'm.json'), { code: 2, message })
  }
  refused(({ features_info: { ctrs } }) => {
    for (const ctr of ctrs) ctr.elements.push({ combination_element: 'float_feature' })
  }, /statistics of several features at once .*max_ctr_complexity=1/)
  refused(({ features_info: { cat_features_hash: words } }) => {
    words[0].value = 'w3'
  }, /feature 4 has the category "w3": a line holds numbers/)
  refused(({ features_info: info }) => {
    info.cat_features_hash = []
  }, /a category that the file does not name.* save the model with pool=/)
})

test('binary:logitraw begins with base_score as it is, in every version', () => {
  const model = JSON.parse(readFileSync(at('xgb-dart.json'), 'utf8'))
  // XGBoost 1.7, 2.1, 3.0 and 3.2 with base_score 0.3 and trees of nothing say 0.3.
  model.learner.objective.name = 'binary:logitraw'
  model.learner.learner_model_param.base_score = '3E-1'
  const { base, link } = readForest(Buffer.from(JSON.stringify(model)), 'm.json')!
  assert.deepEqual([base, link], [[Math.fround(0.3)], 'identity'])
})

test('rows of doubles that float32 sends another way are counted, and not compared', async t => {
  // One split at a double between two float32: 0.1 is below it, the float32 of 0.1 is above.
  const text = [
    'tree',
    'version=v4',
    'num_class=1',
    'num_tree_per_iteration=1',
    'max_feature_idx=0',
    'objective=regression',
    'feature_names=rsi14',
    '',
    'Tree=0',
    'num_leaves=2',
    'num_cat=0',
    'split_feature=0',
    'threshold=0.1000000005',
    'decision_type=2',
    'left_child=-1',
    'right_child=-2',
    'leaf_value=0.25 0.5',
    '',
    'end of trees',
    '',
  ].join('\n')
  const forest = readForest(Buffer.from(text), 'm.txt')!
  assert.deepEqual(rowsTurned(forest, [[0.1], [0.2], [0.05], [Math.fround(0.1)]]), [0])
  const root = folder(t)
  const [file, parity] = [join(root, 'm.txt'), join(root, 'rows.json')]
  writeFileSync(file, text)
  writeFileSync(parity, JSON.stringify({ x: [[0.1], [0.2], [0.05]], y: [0.25, 0.5, 0.25] }))
  const up = {
    kind: 'sequence',
    head: ['maxProfit'],
    unit: 'fraction',
    features: undefined,
  } as const
  const bundle = await importModel(file, flags(root, { ...up, parity }))
  assert.deepEqual(bundle.inputs[0]!.features, ['rsi14@1:0–100'])
  assert.match(bundle.notes.join('\n'), /1 of these rows of doubles take another way/)
  // Its rows knew everything, so nobody measured what it says where something is unknown.
  assert.equal(bundle.mostUnknown, 0)
  const out = join(root, 'lax', '1')
  const lax = await importModel(file, flags(root, { ...up, parity, out, mostUnknown: 1 }))
  assert.equal(lax.mostUnknown, 1)
  // Where no row was shown, nobody knows what it says of a line with an unknown input.
  const bare = await importModel(file, flags(root, { ...up, out: join(root, 'bare', '1') }))
  assert.equal(bare.mostUnknown, 0)
  assert.match(bare.notes.join(' '), /with an unknown input gets no score/)
  writeFileSync(parity, JSON.stringify({ x: [[0.1], [0.2], [0.05]], y: [0.25, 0.5, 0.26] }))
  await assert.rejects(importModel(file, flags(root, { ...up, parity })), /on row 3 of --parity/)
})

test('what no graph can say, and what is broken, is refused by name', () => {
  const lightgbm = readFileSync(at('lgb-binary.txt'), 'utf8')
  const refused = (bytes: string | Buffer, name: string, message: RegExp) =>
    assert.throws(() => readForest(Buffer.from(bytes), name), message)
  refused(lightgbm.replace('objective=binary', 'objective=mine'), 'm', /of the objective mine/)
  refused(lightgbm.replace('is_linear=0', 'is_linear=1'), 'm', /with linear leaves/)
  refused(lightgbm.slice(0, 4000), 'm', /no line “end of trees”: truncated/)
  const xgboost = JSON.parse(readFileSync(at('xgb-multi.json'), 'utf8'))
  xgboost.learner.objective.name = 'survival:cox'
  refused(JSON.stringify(xgboost), 'm', /of the objective survival:cox/)
  xgboost.learner.gradient_booster.name = 'gblinear'
  xgboost.learner.objective.name = 'reg:squarederror'
  refused(JSON.stringify(xgboost), 'm', /of the booster gblinear: it holds no trees/)
  refused('{"a": 1}', 'm.json', /JSON of no model that is known/)
  const ubj = readFileSync(at('xgb-binary.ubj'))
  for (let size = 8; size < ubj.length; size += 401)
    refused(ubj.subarray(0, size), 'm.ubj', /truncated|lists|expected|no UBJSON|nowhere|no model/)
  assert.equal(readForest(readFileSync(at('../sklearn/logistic.onnx')), 'm.onnx'), undefined)
})

test('files that only Python opens give the six lines that export them', () => {
  const lines = (name: string, start: string): string[] => {
    try {
      readForest(Buffer.from(start.padEnd(64, ' '), 'latin1'), name)
    } catch (error) {
      return String((error as Error).message).split('\n')
    }
    return []
  }
  for (const [name, start, call] of [
    ['model.pt', 'PK\x03\x04', 'torch.onnx.export('],
    ['model', 'PK\x03\x04', 'torch.onnx.export('],
    ['model.keras', 'PK\x03\x04', 'model.export('],
    ['model.h5', '\x89HDF', 'model.export('],
    ['model.safetensors', '\x08\x00', 'load_file('],
    ['model.pkl', '\x80\x04\x95', 'to_onnx('],
    ['model.cbm', 'CBM1', 'save_model("model.json", format="json", pool=pool)'],
    ['model.bin', 'binf', 'save_model("model.json")'],
  ] as const) {
    const [what, ...six] = lines(name, start)
    assert.equal(six.length, 6, name)
    assert.ok(six.join('\n').includes(call), name)
    assert.match(what!, /export it|save it as JSON/)
  }
})

/** Rows of numbers and of categories that pandas had, and what Python said of that table. */
const PANDAS = JSON.parse(readFileSync(at('pandas.json'), 'utf8')) as {
  rows: [a: number | null, venue: string, tier: number][]
  lightgbm: { model: string; p: number[] }
  xgboost: { model: object; p: number[] }
}
const CODES = ['meteora dlmm', 'orca', 'pump', 'raydium']
const OWN = ['pump', 'none', 'raydium', 'meteora dlmm', 'orca']

for (const [name, { model, p }] of [
  ['lightgbm.txt', PANDAS.lightgbm],
  ['xgboost.json', PANDAS.xgboost],
] as const)
  test(`${name}: categories of pandas are what the lines are said to hold`, async () => {
    const bytes = Buffer.from(typeof model === 'string' ? model : JSON.stringify(model))
    const forest = (given: Record<string, string[]>) =>
      withCategories(
        readForest(bytes, name)!,
        ['a', 'venue', 'tier'],
        new Map(Object.entries(given)),
      )
    for (const [given, words] of [
      [['codes'], CODES],
      [OWN, OWN],
    ] as const) {
      const made = forest({ venue: [...given] })
      assert.match(
        made.notes.join(),
        new RegExp(`venue on a line: ${words.indexOf('meteora dlmm')} is`),
      )
      assert.match(made.notes.join(), /tier on a line: -30, 10, 20\./)
      const session = await openSession(forestGraph(made))
      const data = Float32Array.from(
        PANDAS.rows.flatMap(([a, venue, tier]) => [a ?? Number.NaN, words.indexOf(venue), tier]),
      )
      const found = await session.run([{ name: 'x', data, shape: [3] }], PANDAS.rows.length)
      await session.release()
      for (const [i, said] of p.entries())
        assert.ok(Math.abs(found.get('y')![i]! - said) < 1e-6, `row ${i}: ${found.get('y')![i]}`)
    }
    for (const [given, reason] of [
      [{}, /venue is a category of pandas \(meteora dlmm,orca,pump,raydium\).*venue=codes/],
      [{ venue: ['orca', 'pump'] }, /venue has "meteora dlmm", too/],
      [{ venue: [...OWN, 'pump'] }, /names one of them twice/],
      [{ venue: ['codes'], a: ['codes'] }, /no feature "a" of this model, but venue, tier/],
    ] as const)
      assert.throws(() => forest(given as Record<string, string[]>), reason)
  })

test('words that XGBoost cut short are known by their codes alone', () => {
  const text = JSON.stringify(PANDAS.xgboost.model)
  const cut = text.replace(/"values":\[109,101/, '"values":[109,-61').replace(/,117,109\]/, ']')
  const forest = readForest(Buffer.from(cut), 'm.json')!
  const made = (list: string[]) =>
    withCategories(forest, ['a', 'venue'], new Map([['venue', list]]))
  assert.throws(() => made(CODES), /venue has "untold 0", too/)
  assert.match(made(['codes']).notes.join(), /venue on a line: 0 is "untold 0"/)
})

test('columns of pandas that do not pair with features of LightGBM are refused', () => {
  const text = PANDAS.lightgbm.model
  for (const [from, to, reason] of [
    [/pandas_categorical:.*/, 'pandas_categorical:[["x"]]', /1 columns .* and 2 features/],
    [/pandas_categorical:.*/, 'pandas_categorical:[NaN', /no lists/],
  ] as const)
    assert.throws(() => readForest(Buffer.from(text.replace(from, to)), 'm.txt'), reason)
})
