import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { openSession } from '../../../../lib/onnx/session.ts'
import { openDuck } from '../../../../lib/store/duck/duck.ts'
import { divideTable } from '../../../../lib/table/price-units.ts'
import { readTable } from '../../../../lib/table/read-table.ts'
import { readExport } from '../../../../lib/train/data/read-export.ts'
import { fitCalibrator } from '../../../../lib/train/tabular/calibration.ts'
import { makeParts, type Whole } from '../../../../lib/train/tabular/fit-head.ts'
import { trainLogistic } from '../../../../lib/train/tabular/logistic.ts'
import { checkParity } from '../../../../lib/train/tabular/parity.ts'
import {
  type Head,
  predictHead,
  servingModel,
} from '../../../../lib/train/tabular/serving-model.ts'
import { importanceOf, trainHead } from '../../../../lib/train/tabular/train-head.ts'
import { trainBoost } from '../../../../lib/train/trees/boost.ts'
import { trainForest } from '../../../../lib/train/trees/forest.ts'
import { about, examples, folder, makeModel, SPLIT, settings } from '../../model/fixture.ts'

/** Largest difference between the file and our evaluation. */
async function parity(
  head: Head,
  whole: Whole,
  prices?: { by: number; columns: number[] },
): Promise<number> {
  const width = whole.table.columns.length
  const session = await openSession(servingModel(width, [head], prices))
  const run = (data: Float32Array, rows: number) =>
    session.run([{ name: 'features', data, shape: [width] }], rows)
  try {
    return await checkParity(run, [head], whole.table, prices)
  } finally {
    await session.release()
  }
}

/** Examples with every kind of hostile value among them. */
function hostile(): Whole {
  const whole = examples(3000, 'hostile')
  const rng = makeRng('holes')
  const odd = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
    3.4e38,
    -3.4e38,
    1e-45,
    0,
    -0,
  ]
  const columns = whole.table.columns.map(column =>
    column.map(x => (rng.next() < 0.02 ? odd[rng.below(odd.length)]! : x)),
  )
  return { ...whole, table: { ...whole.table, columns } }
}

test('the file of every kind of head agrees with our evaluation on hostile rows', async () => {
  const whole = hostile()
  const boosted = trainBoost(whole as never, { objective: 'binary', rounds: 30 }).ensemble
  const z = Float64Array.from({ length: 2000 }, (_, i) => i / 500 - 2)
  const knots = fitCalibrator(
    z,
    z.map(x => (Math.sin(7 * x) + x > 0 ? 1 : 0)),
  )
  assert.equal(knots.method, 'isotonic')
  const trees = { kind: 'trees', ensemble: boosted } as const
  assert.ok((await parity({ name: 'p', predictor: trees }, whole)) < 1e-6)
  assert.ok(
    (await parity(
      {
        name: 'p',
        predictor: trees,
        calibration: { method: 'platt', slope: 1.3, shift: -0.2, rows: 9 },
      },
      whole,
    )) < 1e-6,
  )
  assert.ok((await parity({ name: 'p', predictor: trees, calibration: knots }, whole)) < 1e-6)
  const forest = trainForest(whole as never, { trees: 30, minLeaf: 5 }).ensemble
  assert.ok(
    (await parity({ name: 'p', predictor: { kind: 'trees', ensemble: forest } }, whole)) < 1e-6,
  )
  const classes = whole.label.map((y, i) => y + (i % 3 === 0 ? 1 : 0))
  const multi = trainBoost({ ...whole, label: classes } as never, {
    objective: 'multiclass',
    classes: 3,
    rounds: 10,
  }).ensemble
  assert.ok(
    (await parity({ name: 'p', predictor: { kind: 'trees', ensemble: multi } }, whole)) < 1e-6,
  )
  const many = trainForest({ ...whole, label: classes } as never, {
    trees: 20,
    objective: 'classes',
    classes: 3,
  }).ensemble
  assert.ok(
    (await parity({ name: 'p', predictor: { kind: 'trees', ensemble: many } }, whole)) < 1e-6,
  )
  const mean = trainForest({ ...whole, label: classes } as never, {
    trees: 20,
    objective: 'mean',
  }).ensemble
  assert.ok(
    (await parity({ name: 'p', predictor: { kind: 'trees', ensemble: mean } }, whole)) < 1e-6,
  )
  const logistic = trainLogistic(whole as never)
  assert.ok((await parity({ name: 'p', predictor: { kind: 'logistic', logistic } }, whole)) < 1e-6)
})

test('prices are relative inside the file: a thousandfold level changes nothing', async () => {
  const rng = makeRng('prices')
  const rows = 800
  const close = new Float32Array(rows).map(() => 10 ** (8 * rng.next() - 6))
  const ema = close.map(x => x * (1 + 0.1 * rng.normal()))
  const label = Float64Array.from(close, (x, i) => (ema[i]! / x + 0.05 * rng.normal() > 1 ? 1 : 0))
  const table = { names: ['close', 'ema12'], rows, columns: [close, ema] }
  const prices = { by: 0, columns: [0, 1] }
  const { ensemble } = trainBoost(
    { table: divideTable(table, prices), label },
    { objective: 'binary', rounds: 10 },
  )
  const head: Head = { name: 'p', predictor: { kind: 'trees', ensemble } }
  const whole = { table, label, time: new Float64Array(rows) }
  assert.ok((await parity(head, whole, prices)) < 1e-6)
  const scaled = { ...table, columns: table.columns.map(column => column.map(x => x * 1024)) }
  assert.deepEqual(
    predictHead(head, divideTable(scaled, prices)),
    predictHead(head, divideTable(table, prices)),
  )
})

test('a file that says something else than the model is not written', async () => {
  const whole = examples(300)
  const { ensemble } = trainBoost(whole as never, { objective: 'binary', rounds: 3 })
  const head: Head = { name: 'p', predictor: { kind: 'trees', ensemble } }
  const wrong = async (_: Float32Array, rows: number) =>
    new Map([['p', new Float32Array(rows).fill(0.5)]])
  await assert.rejects(checkParity(wrong, [head], whole.table), /p of row 1 differs by/)
})

test('same data and seed, same files; another seed, another model', async t => {
  const root = folder(t)
  const sampled = { rowShare: 0.7, featureShare: 0.5 }
  const [a, b, c] = [
    await makeModel(root, 'a', '1', sampled),
    await makeModel(root, 'b', '1', sampled),
    await makeModel(root, 'c', '1', { ...sampled, seed: 2 }),
  ]
  assert.equal(a.model.sha256, b.model.sha256)
  assert.notEqual(a.model.sha256, c.model.sha256)
  assert.deepEqual({ ...a, name: '' }, { ...b, name: '' })
})

test('a version is never overwritten and nothing half-written is left', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  const before = readFileSync(join(root, 'moon', '1', 'bundle.json'), 'utf8')
  await assert.rejects(makeModel(root, 'moon', '1', { seed: 9 }), /versions are never overwritten/)
  assert.equal(readFileSync(join(root, 'moon', '1', 'bundle.json'), 'utf8'), before)
  assert.deepEqual(readdirSync(join(root, 'moon')), ['1'])
})

test('calibration rows are later than training rows and disjoint from the rest', () => {
  const whole = examples(1000)
  const parts = makeParts(whole, { ...SPLIT, horizon: 5 * 60_000 })
  const last = (rows: Int32Array) => whole.time[rows.at(-1)!]!
  const first = (rows: Int32Array) => whole.time[rows[0]!]!
  assert.ok(last(parts.train.rows) + 5 * 60_000 < first(parts.stop.rows))
  assert.ok(last(parts.stop.rows) + 5 * 60_000 < first(parts.calibration.rows))
  assert.ok(last(parts.calibration.rows) + 5 * 60_000 < first(parts.test.rows))
})

test('tables that cannot be trained on are named', () => {
  const run =
    (whole: Whole, more = {}) =>
    () =>
      trainHead({
        whole,
        head: 'p',
        settings: settings(more),
        split: SPLIT,
        about: about('x', '1'),
      })
  const whole = examples(200)
  assert.throws(
    run({ ...whole, label: whole.label.map(() => 1) }),
    /all \d+ rows are 1; two classes are needed/,
  )
  assert.throws(
    run(whole, { algo: 'logistic', objective: 'multiclass' }),
    /use gbdt or forest for numbers and classes/,
  )
  assert.throws(
    run({ ...whole, groups: new Int32Array(200) }, {}) &&
      (() =>
        trainHead({
          whole: { ...whole, groups: new Int32Array(200) },
          head: 'p',
          settings: settings(),
          split: { ...SPLIT, disjoint: true },
          about: about('x', '1'),
        })),
    /no training rows are left of 200/,
  )
  assert.throws(run(examples(12)), /7 training rows; a leaf holds at least 20, so 40 are needed/)
})

test('tables: CSV with gaps, NDJSON, words and times; what is wrong is named', async t => {
  const dir = folder(t)
  const csv = join(dir, 'a.csv')
  writeFileSync(
    csv,
    't,mint,a,b,y\n1700000000,m1,1.5,,1\n1700000060,m2,,2,0\n1700000120,m1,3,true,\n',
  )
  const rows = await readTable(csv, { features: ['a'], label: 'y', time: 't', group: 'mint' })
  assert.deepEqual([...rows.table.columns[0]!], [1.5, Number.NaN])
  assert.deepEqual([...rows.label], [1, 0])
  assert.deepEqual([...rows.time], [1_700_000_000_000, 1_700_000_060_000])
  assert.deepEqual(rows.groups, ['m1', 'm2'])
  await assert.rejects(
    readTable(csv, { features: ['b'], label: 'y' }),
    /b: expected numbers, got "true"/,
  )
  await assert.rejects(readTable(csv, { features: ['c'], label: 'y' }), /no column "c"/)
  await assert.rejects(
    readTable(join(dir, 'none.csv'), { features: ['a'], label: 'y' }),
    /none\.csv/,
  )
  await assert.rejects(
    readTable(join(dir, 'a.txt'), { features: ['a'], label: 'y' }),
    /expected a \.parquet/,
  )
  const json = join(dir, 'a.ndjson')
  writeFileSync(
    json,
    '{"a":1,"flag":true,"at":"2026-01-02T03:04:05Z","y":"MOON"}\n{"flag":false,"at":' +
      '"2026-01-02T03:04:06Z","y":"RUG"}\n',
  )
  const words = await readTable(json, { features: ['a', 'flag'], label: 'y', time: 'at' })
  assert.deepEqual([...words.table.columns[1]!], [1, 0])
  assert.deepEqual(words.words, ['MOON', 'RUG'])
  assert.equal(words.time[0], Date.parse('2026-01-02T03:04:05Z'))
  const nested = join(dir, 'b.ndjson')
  writeFileSync(
    nested,
    '{"id":"x","values":{"a":1},"label":{"rug":true}}\n{"id":"y","values":{"b":2},"label":' +
      '{"rug":false}}\n',
  )
  const spread = await readTable(nested, { features: ['a', 'b'], label: 'rug' })
  assert.deepEqual(
    spread.table.columns.map(column => [...column]),
    [
      [1, Number.NaN],
      [Number.NaN, 2],
    ],
  )
  assert.deepEqual([...spread.label], [1, 0])
})

test('the folder of train-export keeps its split and the bare names of its features', async t => {
  const dir = folder(t)
  const duck = await openDuck(':memory:')
  writeFileSync(join(dir, 'manifest.json'), '{}')
  for (const [k, part] of ['train', 'valid', 'test'].entries()) {
    const row =
      `SELECT ${k} AS ts, 'm${k}' AS mint, ${k / 2} AS "pool.priceChange1", NULL::DOUBLE AS ` +
      `"pool.priceChange3", 1 AS "tabular.riskScore", ${k === 1} AS "willMoon"`
    await duck.run(
      `COPY (${row} UNION ALL ${row}) TO '${join(dir, `${part}.parquet`)}' (FORMAT parquet)`,
    )
  }
  duck.close()
  const wanted = {
    features: undefined,
    label: 'willMoon',
    time: undefined,
    group: undefined,
    weight: undefined,
    set: undefined,
  }
  const { features, rows, made } = await readExport(dir, { ...wanted, kind: 'moon' })
  assert.deepEqual(features, ['priceChange1', 'priceChange3'])
  assert.deepEqual([...rows.table.columns[0]!], [0, 0, 0.5, 0.5, 1, 1])
  assert.deepEqual([...rows.label], [0, 0, 1, 1, 0, 0])
  assert.deepEqual(
    Object.values(made!).map(part => [...part]),
    [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
  )
  await assert.rejects(
    readExport(dir, { ...wanted, kind: 'price' }),
    /holds no features of set price/,
  )
})

test(
  'importance: only the column that the label depends on matters; a forest measures itself out ' +
    'of bag',
  () => {
    const run = (algo: 'gbdt' | 'forest' | 'logistic') =>
      trainHead({
        whole: examples(),
        head: 'p',
        settings: settings({ algo }),
        split: SPLIT,
        about: about('x', '1'),
      })
    for (const algo of ['gbdt', 'forest', 'logistic'] as const) {
      const [first, ...rest] = importanceOf(run(algo).trained)
      // AUC of the true probability σ(2x) is about .84: without its only column a model falls to
      // .5.
      assert.ok((first!.permutation as number) > 0.2)
      for (const other of rest) assert.ok(Math.abs(other.permutation as number) < 0.05)
    }
    const { metrics } = run('forest')
    const at = (part: string) =>
      metrics.find(metric => metric.part === part && metric.name === 'auc')!
    assert.ok(
      at('outOfBag').low! < at('test').value && at('test').value < at('outOfBag').high! + 0.06,
    )
    assert.ok(at('outOfBag').value < at('train').value)
  },
)
