import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chiSquareQuantile, chiSquareTail } from '../../../lib/maths/chi-square.ts'
import { jsDivergence, psi, shares, smoothed } from '../../../lib/monitor/divergence.ts'

const near = (found: number, expected: number, tolerance = 1e-12): void =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${found} is not ${expected}`)

test('Jensen–Shannon of SciPy and NannyML', () => {
  // scipy.spatial.distance.jensenshannon, docstring: distances, base 2 and natural.
  near(Math.sqrt(jsDivergence([1, 0, 0], [0, 1, 0])), 1)
  near(Math.sqrt(jsDivergence([1, 0], [0.5, 0.5]) * Math.LN2), 0.46450140402245893)
  const row = (from: number): number[] => shares([from, from + 1, from + 2, from + 3])
  near(Math.sqrt(jsDivergence(row(1), row(13)) * Math.LN2), 0.1402339, 1e-7)
  near(Math.sqrt(jsDivergence(row(5), row(17)) * Math.LN2), 0.0399106, 1e-7)
  near(Math.sqrt(jsDivergence(row(9), row(21)) * Math.LN2), 0.0201815, 1e-7)
  // Divergences in bits, by scipy from the definition.
  near(jsDivergence([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]), 0.09581560200335833)
  near(jsDivergence([0.36, 0.48, 0.16], [1 / 3, 1 / 3, 1 / 3]), 0.03240272926100751)
  near(jsDivergence([0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]), 0.15356065532898458)
  // NannyML: quarters {a,b,c,d} against {a,b,c,e}: ¼ bit, distance ½.
  near(jsDivergence([0.25, 0.25, 0.25, 0.25, 0], [0.25, 0.25, 0.25, 0, 0.25]), 0.25)
})

test('PSI of Evidently and psi-inference', () => {
  // Evidently tests/multitest/metrics/data_drift.py: reference 3,2,2, current 1,2,3; empty cells
  // are 1e-4.
  near(psi([0, 2 / 3, 1 / 3], [1 / 3, 1 / 3, 1 / 3]), 2.9341472484810085)
  const base = [253, 302, 204, 134, 72, 26, 8]
  const current = [177, 262, 285, 158, 88, 25, 6]
  near(psi(shares(base), shares(current)), 0.06769298845159136)
  near(jsDivergence(shares(base), shares(current)), 0.0121560216, 1e-10)
  // 0.05·ln 2 + 0.05·ln 2 + 2·0.05·ln 1.5 = 0.1·ln 3
  near(
    psi(new Array(10).fill(0.1), [0.05, 0.05, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.15, 0.15]),
    0.1 * Math.log(3),
  )
  near(psi([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]), 0.549774439124493)
  // Half a row in each cell: (1 + ½) / (4 + 1), (3 + ½) / (4 + 1).
  assert.deepEqual(smoothed([1, 3]), [0.3, 0.7])
})

test('chi-square quantiles and tails of the tables', () => {
  // psi-inference: critical value 0.025183199670687623 and p 7.2025603e-06 of the tables above, 6
  // degrees of freedom.
  const spread = 1 / 999 + 1 / 1001
  near(chiSquareQuantile(0.05, 6) * spread, 0.025183199670687623)
  near(chiSquareTail(0.06769298845159136 / spread, 6), 7.2025603e-6, 1e-12)
  // NIST/SEMATECH e-Handbook 1.3.6.7.4.
  for (const [df, x] of [
    [1, 3.841],
    [2, 5.991],
    [9, 16.919],
    [10, 18.307],
    [30, 43.773],
  ] as const)
    near(chiSquareQuantile(0.05, df), x, 5e-4)
  // Two degrees of freedom: exp(−x/2).
  near(chiSquareTail(40, 2), Math.exp(-20), 1e-20)
  assert.equal(chiSquareTail(0, 3), 1)
})

test('divergences are symmetric, never negative, zero only for equals', () => {
  const counts = fc
    .array(fc.integer({ min: 0, max: 1000 }), { minLength: 4, maxLength: 4 })
    .filter(all => all.some(c => c > 0))
  fc.assert(
    fc.property(counts, counts, (a, b) => {
      const [p, q] = [smoothed(a), smoothed(b)]
      const js = jsDivergence(p, q)
      assert.ok(js >= 0 && js <= 1)
      assert.ok(Math.abs(js - jsDivergence(q, p)) < 1e-12)
      assert.ok(psi(p, q) >= 0)
      assert.ok(jsDivergence(p, p) < 1e-15)
    }),
  )
})
