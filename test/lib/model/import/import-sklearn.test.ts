import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readBundle } from '../../../../lib/model/files.ts'
import type { ImportFlags } from '../../../../lib/model/import/import-flags.ts'
import { HEAD } from '../../../../lib/model/import/import-specs.ts'
import { importModel } from '../../../../lib/model/import/run-import.ts'
import { scalerFromJson } from '../../../../lib/model/import/scalers/json-scaler.ts'
import { scalerFromPickle } from '../../../../lib/model/import/scalers/scalers.ts'
import type { Scaler } from '../../../../lib/model/import/scalers/sklearn-scaler.ts'
import { encodeModel } from '../../../../lib/onnx/encode-model.ts'
import { makeGraph } from '../../../../lib/onnx/graph.ts'
import { openSession } from '../../../../lib/onnx/session.ts'
import { folder } from '../fixture.ts'

/**
 * Files of scikit-learn, joblib and skl2onnx with what scikit-learn says with them; made by
 * bench/peers/scalers.py.
 */
const at = (name: string): string => new URL(`sklearn/${name}`, import.meta.url).pathname
const bytes = (name: string): Buffer => readFileSync(at(name))
const EXPECTED = JSON.parse(readFileSync(at('expected.json'), 'utf8')) as {
  rows: number[][]
  scaled: Record<'standard' | 'robust' | 'minmax', number[][]>
  p: Record<'logistic' | 'forest', number[]>
}
const FEATURES = ['priceChange1', 'priceChange3', 'volumeSpike']

function agrees({ offset, scale }: Scaler, name: keyof typeof EXPECTED.scaled): void {
  EXPECTED.rows.forEach((row, i) => {
    row.forEach((x, f) => {
      const found = (x - offset[f]!) / scale[f]!
      assert.ok(
        Math.abs(found - EXPECTED.scaled[name][i]![f]!) < 1e-9,
        `${name} row ${i} feature ${f}: ${found}`,
      )
    })
  })
}

test('scalers as joblib dumps them: plain, zlib, gzip, with names, in a dict', () => {
  agrees(scalerFromPickle(bytes('standard.joblib')), 'standard')
  assert.deepEqual(scalerFromPickle(bytes('standard.joblib')).names, FEATURES)
  agrees(scalerFromPickle(bytes('standard.pkl')), 'standard')
  agrees(scalerFromPickle(bytes('robust-zlib.joblib')), 'robust')
  agrees(scalerFromPickle(bytes('minmax-gzip.joblib')), 'minmax')
  const choose = (key?: string) =>
    scalerFromPickle(bytes('scalers.pkl'), { key, features: FEATURES })
  agrees(choose('candles'), 'robust')
  agrees(choose('context'), 'standard')
  assert.throws(() => choose(), /holds scalers "candles", "context"; choose one with --scaler/)
  assert.throws(() => choose('other'), /holds scalers "candles", "context"/)
  const each = { key: undefined, features: ['f0', 'f1', 'f2'] }
  agrees(scalerFromPickle(bytes('each.joblib'), each), 'standard')
  assert.throws(
    () => scalerFromPickle(bytes('standard.pkl'), { key: 'x', features: [] }),
    /holds one scaler/,
  )
})

test('hostile, truncated and unreadable dumps are named, and nothing runs', () => {
  assert.throws(
    () => scalerFromPickle(bytes('evil.joblib')),
    /"posix.system" at byte \d+ is not on the allow-list/,
  )
  assert.equal(existsSync('pwned'), false)
  assert.throws(
    () => scalerFromPickle(bytes('standard-xz.joblib')),
    /compressed with xz; dump it again/,
  )
  const packed = bytes('robust-zlib.joblib')
  assert.throws(
    () => scalerFromPickle(packed.subarray(0, 300)),
    /broken compression, perhaps truncated after byte 300/,
  )
  const whole = bytes('standard.joblib')
  for (let size = 0; size < whole.length; size += 3)
    assert.throws(
      () => scalerFromPickle(whole.subarray(0, size)),
      /truncated|not a pickle|expected/,
      `${size} bytes`,
    )
  // Inside the numbers of an array, where no opcode stands.
  assert.throws(
    () => scalerFromPickle(whole.subarray(0, 0x1a8)),
    /ends at byte 424, inside a value that starts at \d+/,
  )
})

const flags = (root: string, more: Partial<ImportFlags>): ImportFlags => ({
  out: join(root, 'moon', '1'),
  features: FEATURES,
  scalers: at('standard.joblib'),
  scaler: undefined,
  kind: 'moon',
  set: undefined,
  head: undefined,
  input: undefined,
  output: undefined,
  column: 1,
  class: undefined,
  unit: undefined,
  map: undefined,
  parity: undefined,
  mostUnknown: undefined,
  categories: undefined,
  ...more,
})

for (const name of ['logistic', 'forest'] as const) {
  test(`skl2onnx: a ${name} with its scaler says on raw features what sklearn says`, async t => {
    const root = folder(t)
    await importModel(at(`${name}.onnx`), flags(root, {}))
    const { model } = readBundle(join(root, 'moon', '1'))
    const session = await openSession(model)
    const data = Float32Array.from(EXPECTED.rows.flat())
    const said = (
      await session.run([{ name: 'features', data, shape: [3] }], EXPECTED.rows.length)
    ).get(HEAD)
    await session.release()
    EXPECTED.p[name].forEach((p, i) => {
      assert.ok(Math.abs(said![i]! - p) < 1e-5, `row ${i}: ${said![i]} is not ${p}`)
    })
  })
}

test('what an import cannot use is said: ZipMap, another order of features', async t => {
  const root = folder(t)
  await assert.rejects(
    importModel(at('zipmap.onnx'), flags(root, {})),
    /a ZipMap \(left out here\) of the classes 0, 1: column 1 is 1; .* --class 1$/,
  )
  const turned = ['priceChange3', 'priceChange1', 'volumeSpike']
  await assert.rejects(importModel(at('logistic.onnx'), flags(root, { features: turned })), {
    code: 3,
    message: /fitted on the features in the order priceChange1,priceChange3,volumeSpike/,
  })
  writeFileSync(join(root, 'half.joblib'), bytes('standard.joblib').subarray(0, 500))
  await assert.rejects(
    importModel(at('logistic.onnx'), flags(root, { scalers: join(root, 'half.joblib') })),
    /half.joblib: .*truncated/,
  )
  assert.equal(existsSync(join(root, 'moon')), false)
})

/** Scalers with every option and models with classes; made by bench/peers/scaler-options.py. */
const OPTIONS = JSON.parse(readFileSync(at('options.json'), 'utf8')) as {
  rows: number[][]
  cases: { name: string; pickle: string; scaled: number[][] }[]
}
const WORDS = JSON.parse(readFileSync(at('words.json'), 'utf8')) as {
  rows: number[][]
  classes: string[]
  p: number[][]
  double: number[][]
}

for (const { name, pickle, scaled } of OPTIONS.cases)
  test(`a graph behind a scaler (${name}) gets what scikit-learn makes of each row`, async t => {
    const root = folder(t)
    const graph = makeGraph('first')
    const x = graph.input('X', ['N', 3])
    graph.emit('MatMul', [x, graph.floats([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3])], ['y'])
    graph.output('y', ['N', 3])
    writeFileSync(join(root, 'm.onnx'), encodeModel(graph))
    writeFileSync(join(root, 's.pkl'), Buffer.from(pickle, 'base64'))
    for (const f of [0, 1, 2]) {
      const out = join(root, 'up', String(f))
      const more = { kind: 'sequence', head: ['maxProfit'], unit: 'bps', features: THREE } as const
      const scalers = join(root, 's.pkl')
      await importModel(join(root, 'm.onnx'), flags(root, { ...more, out, scalers, column: f }))
      const said = await answers(out, OPTIONS.rows)
      scaled.forEach((row, i) => {
        // One float32 digit of a value and its scaled counterpart.
        const slack = 3e-7 * Math.max(1, Math.abs(row[f]!))
        assert.ok(Math.abs(1e4 * said[i]! - row[f]!) < slack, `${said[i]} ${row[f]}`)
      })
    }
  })

const THREE = ['rsi14', 'macd', 'ema12']

async function answers(dir: string, rows: readonly number[][]): Promise<number[]> {
  const { model, bundle } = readBundle(dir)
  const session = await openSession(model, 2)
  const data = Float32Array.from(rows.flat())
  const feed = { name: bundle.inputs[0]!.name, data, shape: [rows[0]!.length] }
  const out = await session.run([feed], rows.length)
  await session.release()
  return [...out.get(bundle.heads[0]!.output)!]
}

test('classes that are words are chosen by word, and kept; a ZipMap is left out', async t => {
  const root = folder(t)
  const none = { scalers: undefined, column: undefined }
  for (const [k, name] of ['words.onnx', 'words-zipmap.onnx'].entries()) {
    await assert.rejects(importModel(at(name), flags(root, { scalers: undefined, column: 1 })), {
      code: 2,
      message: /column 1 is RUG; choose one by its word, as --class RUG/,
    })
    await assert.rejects(
      importModel(at(name), flags(root, { ...none, class: 'RUGG' })),
      /no class RUGG, it has PUMP, RUG; did you mean RUG\?/,
    )
    for (const [c, word] of WORDS.classes.entries()) {
      const out = join(root, 'moon', `${k}${c}`)
      await importModel(at(name), flags(root, { ...none, class: word, out }))
      assert.equal(readBundle(out).bundle.heads[0]!.class, word)
      const said = await answers(out, WORDS.rows)
      for (const [i, row] of WORDS.p.entries()) assert.ok(Math.abs(said[i]! - row[c]!) < 1e-6)
    }
  }
  await assert.rejects(
    importModel(at('words.onnx'), flags(root, { ...none, output: 'label' })),
    /output label is string: a label, not a number/,
  )
})

test('inputs of double are cast; models of one class and files too new are refused', async t => {
  const root = folder(t)
  const bare = { scalers: undefined }
  await importModel(at('double.onnx'), flags(root, bare))
  const said = await answers(join(root, 'moon', '1'), WORDS.rows)
  for (const [i, row] of WORDS.double.entries()) assert.ok(Math.abs(said[i]! - row[1]!) < 1e-6)
  for (const name of ['one-class-svm.onnx', 'isolation.onnx'])
    await assert.rejects(importModel(at(name), flags(root, bare)), /a one-class model/)
  const graph = makeGraph('new')
  graph.emit('Sigmoid', [graph.input('x', ['N', 3])], ['y'])
  graph.output('y', ['N', 3])
  const file = join(root, 'new.onnx')
  writeFileSync(file, encodeModel(graph, { opset: 99 }))
  await assert.rejects(importModel(file, flags(root, bare)), {
    code: 2,
    message: /opset 99 and IR version 8, newer than onnxruntime runs here/,
  })
  const later = encodeModel(graph)
  later[1] = 77
  writeFileSync(file, later)
  await assert.rejects(importModel(file, flags(root, bare)), /IR version 77, newer/)
})

test('percents are caught on the parity rows, and options nobody knows are refused', async t => {
  const root = folder(t)
  const graph = makeGraph('percent')
  const x = graph.input('x', ['N', 3])
  const p = graph.op('Sigmoid', [x])
  graph.emit('Mul', [p, graph.scalar(100)], ['y'])
  graph.output('y', ['N', 3])
  const file = join(root, 'percent.onnx')
  writeFileSync(file, encodeModel(graph))
  const bare = { scalers: undefined }
  await assert.rejects(
    importModel(file, flags(root, bare)),
    /p as fraction is [\d.]+, no probability: .*percent/,
  )
  const profit = { ...bare, kind: 'sequence', head: ['maxProfit'], features: THREE } as const
  await assert.rejects(importModel(file, flags(root, profit)), /maxProfit needs the unit/)
  await assert.rejects(
    importModel(file, flags(root, { ...profit, unit: 'fraction' })),
    /maxProfit as fraction is [\d.]+, \+[\d.]+ %, on the middle of 64 rows: it looks like percent/,
  )
  await importModel(file, flags(root, { ...bare, unit: 'percent' }))
  const [half] = await answers(join(root, 'moon', '1'), [[0, 0, 0]])
  assert.equal(half, 0.5)
  const json = (value: object) => scalerFromJson(JSON.stringify(value))
  assert.throws(() => json({ mean: [1], scale: [2], power: 2 }), /has an option power/)
  assert.throws(() => json({ mean: [1], scale: [2], with_mean: 'no' }), /neither true nor false/)
  assert.throws(() => json({ type: 'PowerTransformer', lambdas: [1] }), /not one of StandardScaler/)
  assert.deepEqual([...json({ mean: [1], scale: [2], with_mean: false }).offset], [0])
})
