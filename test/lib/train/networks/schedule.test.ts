import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeRng } from '../../../../lib/base/rng.ts'
import { splitByTime, splitGiven } from '../../../../lib/train/networks/fit/hold-out-split.ts'
import { dropoutMask, learningRate, shuffled } from '../../../../lib/train/networks/fit/schedule.ts'
import { encodeTargets, fitTargets } from '../../../../lib/train/networks/net/targets.ts'

test('the rate rises in a line and falls along a cosine to 1 %', () => {
  const plan = { peak: 1, warmup: 4, total: 104 }
  assert.deepEqual(
    [0, 1, 3].map(step => learningRate(step, plan)),
    [0.25, 0.5, 1],
  )
  assert.equal(learningRate(4, plan), 1)
  // Half way down: .01 + .99/2.
  assert.ok(Math.abs(learningRate(54, plan) - 0.505) < 1e-12)
  assert.ok(Math.abs(learningRate(104, plan) - 0.01) < 1e-12)
})

test('a shuffle keeps every row, and the seed decides the order', () => {
  const rows = [...Array(50).keys()]
  const once = shuffled(rows, makeRng(1))
  assert.deepEqual(
    once.toSorted((a, b) => a - b),
    rows,
  )
  assert.deepEqual(shuffled(rows, makeRng(1)), once)
  assert.notDeepEqual(shuffled(rows, makeRng(2)), once)
})

test('a dropout mask is 0 or 1/(1 − rate) and averages to 1', () => {
  const mask = dropoutMask(20_000, 0.25, makeRng(1))
  assert.deepEqual([...new Set(mask)].toSorted(), [0, Math.fround(4 / 3)])
  // Standard error of the mean: √(1/3)/√20000 = .0041.
  assert.ok(Math.abs(mask.reduce((a, b) => a + b) / 20_000 - 1) < 0.0164)
})

test('slices follow each other in time with a gap, and share no moment', () => {
  const moments = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(moments, fc.integer({ min: 0, max: 5 }), (ts, purgeMs) => {
      const at = Float64Array.from(ts)
      const { train, valid, calibration } = splitByTime(at, {
        validShare: 0.2,
        calibrationShare: 0.2,
        purgeMs,
      })
      const times = [train, valid, calibration].map(rows => rows.map(row => at[row]!))
      for (const [early, late] of [
        [0, 1],
        [1, 2],
        [0, 2],
      ] as const)
        for (const a of times[early]!) for (const b of times[late]!) assert.ok(a + purgeMs < b)
      assert.equal(
        new Set([...train, ...valid, ...calibration]).size,
        train.length + valid.length + calibration.length,
      )
      assert.ok(calibration.length >= Math.ceil(ts.length * 0.2) - 1)
    }),
  )
  assert.deepEqual(splitGiven(Uint8Array.of(0, 1, 2, 0, 255)), {
    train: [0, 3],
    valid: [1],
    calibration: [2],
  })
})

test(
  'targets: missing labels weigh nothing, weights of a head average to its share, returns are ' +
    'on a log scale',
  () => {
    const heads = [
      { name: 'up', kind: 'binary', weight: 1 },
      { name: 'gain', kind: 'regression', weight: 0.5 },
    ] as const
    const labels = Float32Array.of(
      1,
      Math.E - 1,
      0,
      Number.NaN,
      0,
      Math.exp(3) - 1,
      Number.NaN,
      Number.NaN,
      0,
      0,
    )
    const rows = [0, 1, 2, 3]
    const { targets, columns } = fitTargets(heads, labels, rows, true)
    // One positive of three; ln(1 + y) is 1 and 3: mean 2, standard deviation 1.
    assert.equal(targets[0]!.positiveWeight, 2)
    assert.ok(Math.abs(targets[1]!.centre - 2) < 1e-6 && Math.abs(targets[1]!.spread - 1) < 1e-6)
    const { y, weight } = encodeTargets(
      targets,
      columns,
      { labels, width: 2, weights: undefined },
      rows,
    )
    assert.deepEqual(
      [...y].map(x => Math.round(x * 1e5) / 1e5),
      [1, -1, 0, 0, 0, 1, 0, 0, 0, -2],
    )
    // Head 1: raw 2, 1, 1, 0 over four rows sum to 4: factor 1. Head 2: 1, 0, 1, 0: factor .5·4/2 =
    // 1. The last row is later.
    assert.deepEqual([...weight], [2, 1, 1, 0, 1, 1, 0, 0, 1, 1])
  },
)
