import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { openSession } from '../../../../lib/onnx/ort.ts'
import {
  decodeCheckpoint,
  encodeCheckpoint,
} from '../../../../lib/train/networks/fit/epoch-checkpoint.ts'
import type { TrainedModel } from '../../../../lib/train/networks/train-model.ts'
import {
  type SequenceOptions,
  type SequenceRows,
  trainSequence,
} from '../../../../lib/train/networks/train-sequence.ts'
import { quietHooks, STEPS, TINY, walkRows } from './rows.ts'

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function train(
  rows: SequenceRows,
  options: Partial<SequenceOptions> = {},
): Promise<TrainedModel> {
  return (await trainSequence(rows, { ...TINY, ...options }, { hooks: quietHooks() }))!
}

/** Answers of a model for some rows, in one batch. */
async function answer(
  model: TrainedModel,
  rows: SequenceRows,
  which: number[],
): Promise<number[][]> {
  const pick = (data: Float32Array, width: number): Float32Array =>
    Float32Array.from(which.flatMap(row => [...data.subarray(row * width, (row + 1) * width)]))
  const session = await openSession(model.onnx)
  const n = which.length
  const { heads, ...each } = await session.run({
    candles: { data: pick(rows.candles, STEPS * 5), shape: [n, STEPS, 5] },
    context: { data: pick(rows.context, 5), shape: [n, 5] },
    indicators: { data: pick(rows.indicators, 2), shape: [n, 2] },
  })
  await session.release()
  for (const [k, { name }] of model.heads.entries())
    assert.deepEqual(
      [...each[name]!],
      which.map((_, i) => heads![i * model.heads.length + k]),
    )
  return which.map((_, i) => [
    ...heads!.subarray(i * model.heads.length, (i + 1) * model.heads.length),
  ])
}

test('same data and seed, same file, on one thread and two; another seed, another', async () => {
  const rows = walkRows(120)
  const [one, two, other] = [
    await train(rows),
    await train(rows, { threads: 2 }),
    await train(rows, { seed: 2 }),
  ]
  assert.equal(hash(one.onnx), hash(two.onnx))
  assert.notEqual(hash(one.onnx), hash(other.onnx))
  assert.deepEqual(one.rows, { train: 84, valid: 18, calibration: 18 })
})

test('an interrupted run goes on to the same file', async () => {
  const rows = walkRows(120)
  const whole = await train(rows)
  // 84 rows in batches of 16 are 6 steps an epoch: 3 is in the middle of the first, 6 between two,
  // 8 in the second.
  for (const steps of [0, 3, 6, 8]) {
    const hooks = quietHooks(steps)
    assert.equal(await trainSequence(rows, TINY, { hooks }), undefined)
    const resume = decodeCheckpoint(encodeCheckpoint(hooks.saved.at(-1)!))
    assert.equal(resume.step, steps)
    const resumed = await trainSequence(rows, TINY, { hooks: quietHooks(), resume })
    assert.equal(hash(resumed!.onnx), hash(whole.onnx), `after ${steps} steps`)
  }
})

test('a checkpoint of another run and a damaged one are refused', async () => {
  const rows = walkRows(120)
  const hooks = quietHooks(1)
  await trainSequence(rows, TINY, { hooks })
  const resume = hooks.saved.at(-1)!
  await assert.rejects(trainSequence(rows, { ...TINY, seed: 2 }, { hooks, resume }), {
    message: /other data or other options/,
  })
  const bytes = encodeCheckpoint(resume)
  assert.throws(() => decodeCheckpoint(bytes.subarray(0, bytes.length - 1)), {
    message: /bytes expected/,
  })
  assert.throws(() => decodeCheckpoint(new Uint8Array(100)), { message: 'not a checkpoint' })
})

test('what was learned is the drift of the last steps', async () => {
  const rows = walkRows(400)
  const model = await train(rows, { epochs: 8, dropout: 0.1 })
  const later = [...Array(60).keys()].map(i => 340 + i)
  const found = await answer(model, rows, later)
  const right = later.filter(
    (row, i) => found[i]![0]! > 0.5 === (rows.labels[row * 3] === 1),
  ).length
  // Drift ±.08 against a noise of .02·√4 = .04 over the last four steps: the best guess is right
  // 97.7 % of the time.
  assert.ok(right >= 51, `${right} of 60 right`)
  for (const [profitable, maxProfit, rugRisk] of found)
    assert.ok(
      profitable! > 0 && profitable! < 1 && maxProfit! > -1 && rugRisk! >= 0 && rugRisk! <= 1,
    )
})

test('answers do not depend on the batch, the price level or the unit of volume', async () => {
  const rows = walkRows(120)
  const model = await train(rows)
  const all = [...Array(64).keys()]
  const whole = await answer(model, rows, all)
  assert.deepEqual(await answer(model, rows, all.slice(0, 7)), whole.slice(0, 7))
  assert.deepEqual(await answer(model, rows, all.slice(0, 2)), whole.slice(0, 2))
  // A lone row is served as two copies of itself.
  assert.deepEqual((await answer(model, rows, [5, 5]))[0], whole[5])
  const moved = structuredClone(rows)
  for (let i = 0; i < moved.candles.length; i++) moved.candles[i]! *= i % 5 === 4 ? 1000 : 64
  for (let i = 1; i < moved.indicators.length; i += 2) moved.indicators[i]! *= 64
  const again = await answer(model, moved, all)
  for (const [i, row] of again.entries())
    for (const [k, x] of row.entries()) assert.ok(Math.abs(x - whole[i]![k]!) < 1e-4)
})

test('unknown, constant and absurd inputs give a finite answer', async () => {
  const rows = walkRows(120)
  const model = await train(rows)
  const odd = structuredClone(rows)
  odd.context.fill(Number.NaN, 0, 5)
  odd.context.set([Infinity, -Infinity, 1e38, -1e38, 0], 5)
  odd.indicators.fill(Number.NaN, 0, 2)
  odd.candles.fill(0, 2 * STEPS * 5, 3 * STEPS * 5)
  odd.candles.fill(Number.NaN, 3 * STEPS * 5, 4 * STEPS * 5)
  odd.candles.fill(-1, 4 * STEPS * 5, 5 * STEPS * 5)
  for (const row of await answer(model, odd, [0, 1, 2, 3, 4]))
    assert.ok(row.every(Number.isFinite), String(row))
  // A column that is unknown in every training row teaches nothing and breaks nothing.
  const blank = structuredClone(rows)
  for (let i = 2; i < blank.context.length; i += 5) blank.context[i] = Number.NaN
  assert.equal((await train(blank, { epochs: 1 })).scalers.table!.inverse[2], 0)
})

test('heads without labels are left out with the reason; none left is an error', async () => {
  const rows = walkRows(120)
  for (let i = 0; i < 120; i++) rows.labels.set([Number.NaN, 0], i * 3 + 1)
  const model = await train(rows, { epochs: 1 })
  assert.deepEqual(
    model.heads.map(head => head.name),
    ['profitable'],
  )
  assert.deepEqual(model.skipped, [
    { head: 'maxProfit', reason: 'no row has this label' },
    { head: 'rugRisk', reason: 'one class only: 0 of 84 positive' },
  ])
  rows.labels.fill(Number.NaN)
  await assert.rejects(train(rows), { message: 'needs 20 labelled rows to train on, has 0' })
  rows.labels.fill(1)
  await assert.rejects(train(rows), {
    message: /profitable: one class only: 84 of 84 positive; maxProfit: one value only: 1; rugRisk/,
  })
  rows.labels[0] = 0.5
  await assert.rejects(train(rows), { message: 'must be 0, 1 or missing, got 0.5' })
})

test('class weights shift the logit, not the served probability', async () => {
  const rows = walkRows(300, { base: 0.15 })
  // Without enough calibration rows of each class only the prior correction is left: −ln(n₀/n₁).
  const model = await train(rows, { balanced: true, epochs: 4 })
  const { calibrator, target } = model.heads[0]!
  assert.equal(calibrator?.method, 'prior')
  assert.ok(
    calibrator!.method === 'prior' &&
      Math.abs(calibrator.shift + Math.log((1 - target.base) / target.base)) < 1e-9,
  )
  const found = await answer(model, rows, [...Array(300).keys()])
  const mean = found.reduce((sum, row) => sum + row[0]!, 0) / 300
  assert.ok(Math.abs(mean - 0.15) < 0.08, `mean probability ${mean}`)
})

test('a loss that is not finite stops the run and keeps the last good checkpoint', async () => {
  const hooks = quietHooks()
  // A negative decay of .01·4000 makes the weights 41 times as large with every step, until float32
  // overflows.
  await assert.rejects(
    trainSequence(walkRows(120), { ...TINY, weightDecay: -4000, warmup: 0 }, { hooks }),
    {
      message: /^not a finite number in epoch 2, batch \d of 6 \(first row \d+\)$/,
    },
  )
  assert.deepEqual(
    hooks.saved.map(({ step }) => step),
    [6],
  )
  assert.ok(hooks.saved[0]!.P.every(Number.isFinite))
})

test('weights and times that are no numbers are refused', async () => {
  const rows = walkRows(60)
  const weights = new Float32Array(60).fill(1)
  weights[7] = Number.NaN
  await assert.rejects(train({ ...rows, weights }), { message: 'row 7 has weight NaN' })
  const ts = rows.ts.slice()
  ts[3] = Number.NaN
  await assert.rejects(train({ ...rows, ts }), { message: 'row 3 has time NaN' })
  await assert.rejects(train({ ...rows, context: new Float32Array(10) }), {
    message: '60 rows of 5 need 300 numbers, got 10',
  })
})
