import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bundle, BundleInput } from '../../../lib/model/bundle.ts'
import { comparedWith, makeMoved, untold } from '../../../lib/model/serve/moved-inputs.ts'
import type { GraphInput } from '../../../lib/onnx/session.ts'

const HASH = 'a'.repeat(12)
const CANDLES: BundleInput = {
  name: 'candles',
  set: 'sequence',
  hash: HASH,
  tensor: 'candles',
  shape: [2, 5],
}
const VALUES: BundleInput = {
  name: 'indicators',
  set: 'sequence',
  hash: HASH,
  features: ['ema12@1:price', 'rsi14@1:0–100'],
}
const CENTER = { of: 'training' as const, values: [0.5, 40], prices: [0] }

const bundleOf = (...inputs: BundleInput[]): Bundle =>
  ({ inputs, heads: [{ name: 'p', output: 'p' }] }) as unknown as Bundle

/** Head: newest close − first open + ema12 + rsi14 / 100. */
async function head(feeds: readonly GraphInput[], rows: number) {
  const [candles, values] = feeds as [GraphInput, GraphInput]
  const p = Float32Array.from({ length: rows }, (_, row) => {
    const [bars, own] = [candles.data.subarray(row * 10), values.data.subarray(row * 2)]
    return bars[8]! - bars[0]! + own[0]! + own[1]! / 100
  })
  return new Map([['p', p]])
}

const FEEDS: GraphInput[] = [
  { name: 'candles', data: Float32Array.of(1, 1, 1, 1, 10, 2, 2, 2, 2, 30), shape: [2, 5] },
  { name: 'indicators', data: Float32Array.of(3, 60), shape: [2] },
]

test('candles against a flat window, prices relative to the newest close', async () => {
  const bundle = bundleOf(CANDLES, { ...VALUES, center: CENTER })
  const { moved } = await makeMoved(bundle, head)!(FEEDS, await head(FEEDS, 1), 0)
  // 4.6 is said; 2.6 with ema12 at half of the close of 2, 3.6 flat, 4.4 with rsi14 at 40.
  assert.deepEqual(moved, [
    { name: 'ema12', value: 3, change: 2 },
    { name: 'candles', change: 1 },
    { name: 'rsi14', value: 60, change: 0.2 },
  ])
  assert.equal(untold(bundle), undefined)
  assert.match(comparedWith(bundle), /centre of the training rows, candles against a flat window,/)
})

test('an input without a centre is not told apart, and that is said', async () => {
  const bundle = bundleOf(CANDLES, VALUES)
  const { moved } = await makeMoved(bundle, head)!(FEEDS, await head(FEEDS, 1), 0)
  assert.deepEqual(moved, [{ name: 'candles', change: 1 }])
  assert.match(untold(bundle)!, /does not say what indicators is centred on: moved names others/)
  assert.equal(makeMoved(bundleOf(VALUES), head), undefined)
  assert.match(untold(bundleOf(VALUES))!, /which inputs moved it is unknown/)
  const partly = { of: 'scaler' as const, values: [null, 40] }
  const some = bundleOf(CANDLES, { ...VALUES, center: partly })
  const found = await makeMoved(some, head)!(FEEDS, await head(FEEDS, 1), 0)
  assert.deepEqual(
    found.moved?.map(({ name }) => name),
    ['candles', 'rsi14'],
  )
})

test('a column of a window is at its centre in all of its rows', async () => {
  const values = [0.5, ...new Array<null>(9).fill(null)]
  const window: BundleInput = {
    name: 'rows',
    set: 'price',
    hash: HASH,
    tensor: 'window',
    shape: [2, 10],
    center: { of: 'training', values },
  }
  const data = Float32Array.from({ length: 20 }, (_, k) => (k % 10 === 0 ? k / 10 + 1 : 9))
  const sum = async ([feed]: readonly GraphInput[], rows: number) =>
    new Map([
      [
        'p',
        Float32Array.from({ length: rows }, (_, r) => {
          return feed!.data[r * 20]! + feed!.data[r * 20 + 10]!
        }),
      ],
    ])
  const feeds = [{ name: 'rows', data, shape: [2, 10] }]
  // 1 + 2 is said, 0.5 + 0.5 with the column at its centre; its value is the newest row’s.
  const { moved } = await makeMoved(bundleOf(window), sum)!(feeds, await sum(feeds, 1), 0)
  assert.deepEqual(moved, [{ name: 'rows.closeReturn', value: 2, change: 2 }])
})
