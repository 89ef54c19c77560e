import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import {
  luckySharpe,
  momentsOf,
  sharpeOf,
  sortinoOf,
  surerThan,
} from '../../../lib/maths/sharpe.ts'
import { performanceOf, periodReturns } from '../../../lib/report/performance.ts'

const DAY = 86_400_000
const near = (actual: number | undefined, expected: number, error: number): void =>
  assert.ok(Math.abs(actual! - expected) <= error, `${actual} is not ${expected} ± ${error}`)

test('Sharpe and Sortino of returns by hand', () => {
  // mean 0.01, deviations ±0.02, ±0.01, 0 → variance (n − 1) = (4 + 1 + 0 + 1 + 4)e-4 / 4 = 2.5e-4
  const returns = Float64Array.from([0.03, 0.02, 0.01, 0, -0.01])
  near(sharpeOf(returns), 0.01 / Math.sqrt(2.5e-4), 1e-12)
  // one loss of 0.01 in five: downside = √(1e-4 / 5)
  near(sortinoOf(returns), 0.01 / Math.sqrt(2e-5), 1e-12)
  assert.equal(sharpeOf(Float64Array.from([0.1, 0.1, 0.1])), undefined)
  assert.equal(sharpeOf(Float64Array.from([0.1])), undefined)
  assert.equal(sortinoOf(Float64Array.from([0.1, 0.2])), undefined)
})

test(
  'skewness and kurtosis: a coin of 0 and 1 has 0 and 1 (moments of the Bernoulli ' +
    'distribution, p = ½)',
  () => {
    const { skew, kurtosis } = momentsOf(Float64Array.from([0, 1, 0, 1, 1, 0]))
    near(skew, 0, 1e-12)
    near(kurtosis, 1, 1e-12)
  },
)

test('the deflated Sharpe ratio of its paper: 2.5 a year, 1,250 days, best of 100', () => {
  // Bailey & López de Prado (2014), numerical example: V = 1/2 a year, skewness −3, kurtosis 10:
  // SR0 ≈ 0.1132, DSR ≈ 0.9004
  const lucky = luckySharpe(100, 0.5 / 250)
  near(lucky, 0.1132, 5e-5)
  near(
    surerThan(lucky, 2.5 / Math.sqrt(250), { periods: 1250, skew: -3, kurtosis: 10 }),
    0.9004,
    5e-5,
  )
  // and with 46 trials about 0.9505
  near(
    surerThan(luckySharpe(46, 0.5 / 250), 2.5 / Math.sqrt(250), {
      periods: 1250,
      skew: -3,
      kurtosis: 10,
    }),
    0.9505,
    5e-4,
  )
})

test('returns per day: on the equity of the morning, quiet days are 0', () => {
  const changes = [
    { ts: DAY + 5, gain: 0.1 },
    { ts: DAY + 9, gain: -0.05 },
    { ts: 4 * DAY - 1, gain: 0.21 },
  ]
  const returns = periodReturns(changes, DAY, 4 * DAY, DAY)
  assert.deepEqual(
    [...returns].map(r => r.toFixed(12)),
    [0.05, 0, 0.2, 0].map(r => r.toFixed(12)),
  )
})

test('exposure counts overlapping positions once; ratios need ten periods', () => {
  const held = [
    { openedAt: 0, closedAt: 4 * DAY },
    { openedAt: DAY, closedAt: 2 * DAY },
    { openedAt: 6 * DAY, closedAt: 7 * DAY },
  ]
  const made = performanceOf(
    { changes: [{ ts: DAY, gain: 0.1 }], held, marks: [] },
    { from: 0, to: 8 * DAY, periodMs: DAY, seed: 's' },
  )
  assert.deepEqual(made, { periods: 9, periodMs: DAY, equity: 'realised', exposure: 0.625 })
})

test('the interval of a Sharpe ratio covers the true one about as often as it says', () => {
  // True daily ratio 0.1: a year of 365 days gives 0.1·√365 ≈ 1.91. A 95 % bootstrap interval may
  // undercover a little.
  let covered = 0
  const runs = 30
  for (let run = 0; run < runs; run++) {
    const changes = Array.from({ length: 200 }, (_, day) => ({ ts: day * DAY, gain: 0 }))
    const rng = makeRng(`coverage ${run}`)
    let equity = 1
    for (const change of changes) {
      const r = 0.001 + 0.01 * rng.normal()
      change.gain = equity * r
      equity += change.gain
    }
    const { sharpe } = performanceOf(
      { changes, held: [], marks: [] },
      { from: 0, to: 200 * DAY - 1, periodMs: DAY, seed: `${run}` },
    )
    const truth = 0.1 * Math.sqrt(365)
    if (sharpe !== undefined && sharpe.low <= truth && truth <= sharpe.high) covered++
  }
  assert.ok(covered >= 24, `${covered} of ${runs}`)
})
