import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import { openSession } from '../../../../lib/onnx/ort.ts'
import { type PriceRows, trainPrice } from '../../../../lib/train/networks/train-price.ts'
import { quietHooks } from './rows.ts'

const [N, STEPS, FEATURES] = [300, 6, 3]

/**
 * The change after 5 bars is ten times the last value of feature 0, after 10 bars noise; feature 2
 * is never known.
 */
function rows(): PriceRows {
  const rng = makeRng('price')
  const window = Float32Array.from({ length: N * STEPS * FEATURES }, (_, i) =>
    i % FEATURES === 2 ? Number.NaN : 0.01 * rng.normal(),
  )
  const labels = new Float32Array(N * 2)
  for (let row = 0; row < N; row++) {
    const latest = window[(row * STEPS + STEPS - 1) * FEATURES]!
    labels.set([row % 7 ? Math.expm1(10 * latest) : Number.NaN, 0.05 * rng.normal()], row * 2)
  }
  return { window, labels, ts: Float64Array.from({ length: N }, (_, i) => i) }
}

test('a forecast follows what can be learned, and else stays near the mean', async () => {
  const data = rows()
  const options = {
    steps: STEPS,
    horizons: [5, 10],
    sizes: { recurrent: 8, dense: 8 },
    batch: 16,
    epochs: 12,
    threads: 1,
    learningRate: 1e-2,
    dropout: 0,
    patience: 12,
  }
  const model = (await trainPrice(data, options, { hooks: quietHooks() }))!
  assert.deepEqual(
    model.heads.map(head => head.name),
    ['5', '10'],
  )
  const session = await openSession(model.onnx)
  const { heads } = await session.run({
    candleFeatures: { data: data.window, shape: [N, STEPS, FEATURES] },
  })
  await session.release()
  const later = model.rows.train + model.rows.valid
  let [error, spread, noise] = [0, 0, 0]
  for (let row = later; row < N; row++) {
    noise += heads![row * 2 + 1]! ** 2
    if (row % 7 === 0) continue
    error += (heads![row * 2]! - data.labels[row * 2]!) ** 2
    spread += data.labels[row * 2]! ** 2
  }
  assert.ok(error < 0.15 * spread, `unexplained ${error / spread}`)
  assert.ok(Math.sqrt(noise / (N - later)) < 0.05)
})

test('windows of the wrong size are refused', async () => {
  const data = rows()
  await assert.rejects(
    trainPrice(
      { ...data, window: data.window.subarray(1) },
      { steps: STEPS, horizons: [5, 10] },
      { hooks: quietHooks() },
    ),
    {
      message: `${N * STEPS * FEATURES - 1} numbers are not ${N} windows of ${STEPS} steps`,
    },
  )
})
