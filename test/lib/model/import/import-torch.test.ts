import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readBundle } from '../../../../lib/model/files.ts'
import type { ImportFlags } from '../../../../lib/model/import/import-flags.ts'
import { readNpz } from '../../../../lib/model/import/npz.ts'
import { importModel } from '../../../../lib/model/import/run-import.ts'
import { verifyBundle } from '../../../../lib/model/verify.ts'
import { encodeModel } from '../../../../lib/onnx/encode-model.ts'
import { makeGraph } from '../../../../lib/onnx/graph.ts'
import { openSession } from '../../../../lib/onnx/session.ts'
import { folder } from '../fixture.ts'

/** Files of both exporters of PyTorch; made by bench/peers/torch-exports.py. */
const at = (name: string): string => new URL(`torch/${name}`, import.meta.url).pathname
const ROWS = readNpz(readFileSync(at('rows-packed.npz')))

const flags = (root: string, more: Partial<ImportFlags> = {}): ImportFlags => ({
  out: join(root, 'own', '1'),
  features: undefined,
  scalers: at('scalers.pkl'),
  scaler: ['candles=candle_scaler', 'context=context_scaler', 'indicators=indicator_scaler'],
  kind: undefined,
  set: undefined,
  head: ['profitable=win', 'maxProfit=gain:percent', 'rugRisk=rug:logit'],
  input: [
    'candles=sequence.candles',
    ...['context=liquidity', 'market_cap', 'holders', 'volume_24h'],
    ...['indicators=rsi', 'macd', 'ema12', 'ema26', 'bb_width', 'atr14'],
  ],
  output: undefined,
  class: undefined,
  column: undefined,
  unit: undefined,
  map: undefined,
  parity: at('rows-packed.npz'),
  mostUnknown: undefined,
  categories: undefined,
  ...more,
})

/** What a bundle says of the rows, whose 60 bars are the newest of 100. */
async function said(dir: string): Promise<Map<string, Float32Array>> {
  const { model } = readBundle(dir)
  const [candles, context, indicators] = ['candles', 'context', 'indicators'].map(
    name => ROWS.get(name)!.data,
  )
  const raw = new Float32Array(16 * 500).fill(1e9)
  for (let row = 0; row < 16; row++)
    raw.set(candles!.subarray(row * 300, (row + 1) * 300), row * 500 + 200)
  const session = await openSession(model, 2)
  const feeds = [
    { name: 'raw_candles', data: raw, shape: [100, 5] },
    { name: 'raw_context', data: Float32Array.from(context!), shape: [4] },
    { name: 'raw_indicators', data: Float32Array.from(indicators!), shape: [6] },
  ]
  const out = await session.run(feeds, 16)
  await session.release()
  return out
}

const UNITS = {
  head_profitable: ['win', (x: number) => x],
  head_maxProfit: ['gain', (x: number) => x / 100],
  head_rugRisk: ['rug', (x: number) => 1 / (1 + Math.exp(-x))],
} as const

for (const name of ['ts.onnx', 'ts-fixed.onnx', 'dynamo-ext.onnx'])
  test(`${name}: three inputs and three heads say what PyTorch says`, async t => {
    const root = folder(t)
    const bundle = await importModel(at(name), flags(root))
    assert.equal(bundle.kind, 'sequence')
    assert.deepEqual(
      bundle.inputs.map(({ features, tensor }) => tensor ?? features?.length),
      ['candles', 4, 6],
    )
    const out = await said(join(root, 'own', '1'))
    for (const [head, [output, of]] of Object.entries(UNITS)) {
      const python = ROWS.get(output)!.data
      const found = out.get(head)!
      for (const [row, value] of python.entries())
        assert.ok(Math.abs(found[row]! - of(value)) < 1e-6, `${head} ${row}: ${found[row]}`)
    }
    assert.ok((await verifyBundle(readBundle(join(root, 'own', '1')))) < 1e-6)
  })

test('a map and JSON of scalers and rows make the same bundle as flags and pickle', async t => {
  const root = folder(t)
  const file = join(root, 'map.json')
  const map = {
    inputs: {
      candles: 'sequence.candles',
      context: ['liquidity', 'marketCap', 'holders', 'volume24h'],
      indicators: ['rsi14', 'macd', 'ema12', 'ema26', 'bbWidth', 'atr14'],
    },
    scalers: {
      candles: 'candle_scaler',
      context: 'context_scaler',
      indicators: 'indicator_scaler',
    },
    heads: { profitable: 'win', maxProfit: 'gain:percent', rugRisk: 'rug:logit' },
  }
  writeFileSync(file, JSON.stringify(map))
  const lists = [...ROWS].map(([name, { data, shape }]) => {
    const width = data.length / shape[0]!
    const rows = Array.from({ length: shape[0]! }, (_, k) => [
      ...data.subarray(k * width, (k + 1) * width),
    ])
    return [name, rows]
  })
  const parity = join(root, 'rows.json')
  writeFileSync(parity, JSON.stringify(Object.fromEntries(lists)))
  const bare = { map: file, input: undefined, head: undefined, scaler: undefined }
  const scalers = at('scalers.json')
  const one = await importModel(at('ts.onnx'), flags(root, { ...bare, scalers, parity }))
  const out = join(root, 'own', '2')
  const two = await importModel(at('ts.onnx'), flags(root, { out }))
  assert.equal(one.model.sha256, two.model.sha256)
  // For predict --explain: candles have no centre, the others that of their scalers.
  const scaler = JSON.parse(readFileSync(scalers, 'utf8')).context_scaler
  const [candles, context] = two.inputs
  assert.equal(candles!.center, undefined)
  assert.deepEqual(context!.center, { of: 'scaler', values: scaler.mean })
  const unscaled = { scaler: ['candles=candle_scaler', 'indicators=indicator_scaler'] }
  const bound = { out: join(root, 'own', '3'), ...unscaled, parity: undefined }
  assert.equal((await importModel(at('ts.onnx'), flags(root, bound))).inputs[1]!.center, undefined)
  await assert.rejects(importModel(at('ts.onnx'), flags(root, { map: file })), {
    code: 2,
    message: /inputs are given by --input as well/,
  })
})

test('what Python said otherwise, and what a map leaves open, is refused', async t => {
  const root = folder(t)
  const refused = (more: Partial<ImportFlags>, message: RegExp) =>
    assert.rejects(importModel(at('ts.onnx'), flags(root, more)), { message })
  const scaler = ['candles=candle_scaler', 'context=context_scaler']
  await refused({ scaler }, /on row 1 of --parity, Python says/)
  await refused({ head: ['maxProfit=gain'] }, /maxProfit needs the unit/)
  await refused({ head: ['profitable=wim'] }, /outputs win, gain, rug, not wim; did you mean win/)
  await refused({ head: ['maxProfit=gain:procent'] }, /procent is none of .* mean percent/)
  const [candles, ...rest] = flags(root).input!
  await refused({ input: rest }, /what does input candles take/)
  await refused({ input: [candles!, 'context=liquidty', ...rest.slice(1)] }, /mean liquidity/)
  await refused({ input: ['candles=price.window', ...rest] }, /takes 60×5 numbers, price.window/)
  await refused({ input: [candles!, 'context=liquidity', ...rest.slice(4)] }, /takes 4 numbers/)
  await refused({ input: ['candles=sequence.candles:open', ...rest] }, /has columns open$/)
  const gone = ['candles=candle_scalar', ...scaler.slice(1)]
  await refused({ scaler: gone }, /choose one with --scaler; did you mean candle_scaler/)
  await refused({ parity: join(root, 'none.npz') }, /--parity: ENOENT/)
  assert.equal(existsSync(join(root, 'own')), false)
})

test('external data is read beside the graph only: no paths, no links, nothing short', async t => {
  const root = folder(t)
  const name = 'dynamo-ext.onnx.data'
  const file = join(root, 'm.onnx')
  const put = (location: string): void => {
    const bytes = readFileSync(at('dynamo-ext.onnx'))
    const text = bytes.toString('latin1').replaceAll(name, location.padEnd(name.length, 'x'))
    writeFileSync(file, Buffer.from(text, 'latin1'))
  }
  const refused = (message: RegExp) =>
    assert.rejects(importModel(file, flags(root)), { code: 3, message })
  put(name)
  await refused(/external data "dynamo-ext.onnx.data": ENOENT/)
  symlinkSync(at(name), join(root, name))
  await refused(/external data "dynamo-ext.onnx.data": a link/)
  mkdirSync(join(root, 'below'))
  copyFileSync(at(name), join(root, 'below', 'data'))
  for (const location of ['../../', '/tmp/', 'below/', '..\\']) {
    put(location)
    await refused(/no name of a file in the folder of the graph/)
  }
  put('short')
  writeFileSync(join(root, 'short'.padEnd(name.length, 'x')), 'abc')
  await refused(/has 3 bytes, the graph wants \d+ from \d+: truncated/)
  put('linked')
  writeFileSync(join(root, 'first'), readFileSync(at(name)))
  linkSync(join(root, 'first'), join(root, 'linked'.padEnd(name.length, 'x')))
  await refused(/a link: the file has another name as well/)
})

test('a graph whose rows depend on each other is run row by row, and that is told', async t => {
  const root = folder(t)
  const graph = makeGraph('leaky')
  const x = graph.input('x', ['N', 2])
  const mean = graph.op('ReduceMean', [x], { axes: [0], keepdims: 1 })
  const sum = graph.op('ReduceSum', [graph.op('Add', [x, mean]), graph.ints([1])])
  graph.emit('Sigmoid', [sum], ['p'])
  graph.output('p', ['N', 1])
  const file = join(root, 'leaky.onnx')
  writeFileSync(file, encodeModel(graph))
  const none = { parity: undefined, mostUnknown: undefined }
  const one = { scalers: undefined, scaler: undefined, input: undefined, ...none }
  const features = ['priceChange1', 'priceChange3']
  const bundle = await importModel(file, flags(root, { ...one, features, head: undefined }))
  assert.match(bundle.notes.join(), /rows depend on how many come together: runs row by row/)
  const session = await openSession(readBundle(join(root, 'own', '1')).model)
  const data = Float32Array.of(1, 0, -3, 1)
  const out = await session.run([{ name: 'features', data, shape: [2] }], 2)
  await session.release()
  // Alone x + mean is 2x: σ(2·(1 + 0)) and σ(2·(−3 + 1)).
  const [first, second] = out.get('sluice_head')!
  assert.ok(Math.abs(first! - 0.880797) < 1e-6)
  assert.ok(Math.abs(second! - 0.0179862) < 1e-6)
})
