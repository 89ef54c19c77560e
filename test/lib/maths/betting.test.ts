import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import { logChange, logWealth, sequenceLow } from '../../../lib/maths/betting.ts'

const STAKES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95]
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length
const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-9, `${a}, ${b}`)

test('wealth is the mean of what each stake makes of the bets, in any order', () => {
  const values = [0.5, -0.25, 1, 0, -1]
  const wealth = STAKES.map(s => values.reduce((w, x) => w * (1 + s * x), 1))
  near(logWealth(values), Math.log(mean(wealth)))
  near(logWealth([...values].reverse()), logWealth(values))
  // Against 0.25: what is above it counts as (x − 0.25) / 1.25, at least −1.
  const against = STAKES.map(s => values.reduce((w, x) => w * (1 + (s * (x - 0.25)) / 1.25), 1))
  near(logWealth(values, 0.25), Math.log(mean(against)))
  assert.equal(logWealth([]), 0)
})

test('a change is noticed by restarting at every value, as Shiryaev and Roberts do', () => {
  const values = [-0.5, -0.5, 0.75, 1]
  // M = Σ over all starts of the wealth since then.
  const sums = STAKES.map(s =>
    values.reduce(
      (sum, _, from) => sum + values.slice(from).reduce((w, x) => w * (1 + s * x), 1),
      0,
    ),
  )
  near(logChange(values), Math.log(mean(sums)))
  // A good year before does not hide a bad day.
  const bad = Array.from({ length: 60 }, () => 0.3)
  const year = [...Array.from({ length: 5000 }, () => -0.1), ...bad]
  assert.ok(logChange(year) > Math.log(200_000), `${logChange(year)}`)
  assert.ok(logWealth(year) < 0)
  assert.equal(logChange([]), Number.NEGATIVE_INFINITY)
})

test('a confidence sequence holds the mean at every look, and narrows', () => {
  let lost = 0
  for (let k = 0; k < 200; k++) {
    const rng = makeRng(`sequence/${k}`)
    const values = Float64Array.from({ length: 600 }, () => (rng.next() < 0.6 ? 0.5 : -0.25))
    for (let n = 100; n <= 600; n += 100)
      if (sequenceLow(values.subarray(0, n), 0.05) > 0.2) {
        lost++
        break
      }
  }
  // 0.6 · 0.5 − 0.4 · 0.25 = 0.2; Ville: at most 5 % in all looks together.
  assert.ok(lost <= 10 + 3 * Math.sqrt(200 * 0.05 * 0.95), `${lost} of 200`)
  const rng = makeRng('narrow')
  const values = Float64Array.from({ length: 5000 }, () => (rng.next() < 0.6 ? 0.5 : -0.25))
  assert.ok(sequenceLow(values, 0.05) > 0.17)
  assert.equal(sequenceLow([], 0.05), -1)
})
