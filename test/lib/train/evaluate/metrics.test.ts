import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRng } from '../../../../lib/base/rng.ts'
import {
  auc,
  aucInterval,
  averagePrecision,
  compareAuc,
  makeWeightedAuc,
} from '../../../../lib/maths/auc.ts'
import {
  bootstrapByGroup,
  groupNumbers,
  wilson,
} from '../../../../lib/maths/confidence-interval.ts'
import { erfc, quantile } from '../../../../lib/maths/normal.ts'
import { mcnemar } from '../../../../lib/train/evaluate/mcnemar.ts'
import { brier, brierSkill, logLoss } from '../../../../lib/train/evaluate/proper.ts'
import {
  calibrationError,
  calibrationFloor,
  reliability,
} from '../../../../lib/train/evaluate/reliability.ts'

const close = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`)

test('erfc and the normal quantile: Abramowitz and Stegun, table 7.1; 1.959964', () => {
  close(erfc(0.5), 0.4795001221869535, 1e-15)
  close(erfc(1), 0.15729920705028513, 1e-15)
  close(erfc(3) / 2.209049699858544e-5, 1, 1e-12)
  close(erfc(-1), 1.8427007929497148, 1e-15)
  close(quantile(0.95), 1.959963984540054, 1e-12)
})

test('AUC, average precision, Brier, log loss: scikit-learn docstrings', () => {
  const [label, score] = [
    [0, 0, 1, 1],
    [0.1, 0.4, 0.35, 0.8],
  ]
  const found = auc(label, score)!
  close(found.auc, 0.75)
  close(found.variance, 0.125)
  close(averagePrecision(label, score)!, 0.8333333333333333)
  close(brier([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]), 0.0375)
  close(logLoss([1, 0, 0, 1], [0.9, 0.1, 0.2, 0.65]), 0.21616187468057912)
  // π = ½, base-rate Brier ¼: skill = 1 − 0.0375/0.25.
  close(brierSkill([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]), 0.85)
})

test('two models by DeLong: brute-force values', () => {
  const label = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
  const a = auc(label, [0.1, 0.2, 0.3, 0.35, 0.6, 0.7, 0.4, 0.55, 0.65, 0.7, 0.8, 0.9])!
  const b = auc(label, [0.2, 0.1, 0.5, 0.3, 0.4, 0.8, 0.3, 0.45, 0.6, 0.85, 0.7, 0.65])!
  close(a.auc, 0.8472222222, 1e-10)
  close(b.auc, 0.7638888889, 1e-10)
  close(a.variance, 0.014274691358, 1e-12)
  close(b.variance, 0.023533950617, 1e-12)
  const both = compareAuc(a, b)
  close(both.covariance, 0.014737654321, 1e-12)
  close(both.z, 0.9128709292, 1e-9)
  close(both.p, 0.3613104285, 1e-9)
  // Wald would give [.613, 1.081]; the logit interval stays inside.
  const [low, high] = aucInterval(a)
  assert.ok(low > 0.4 && low < a.auc && high > a.auc && high < 1)
})

test('AUC with one class is unknown; a perfect one keeps an honest interval', () => {
  assert.equal(auc([1, 1], [0.2, 0.3]), undefined)
  const [low, high] = aucInterval(auc([0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6])!)
  // Wilson 3/3: lower bound 3/(3+3.8415) = 0.4385.
  close(low, 0.4385, 1e-4)
  assert.equal(high, 1)
})

test('weighted AUC with unit weights is the AUC, also with ties', () => {
  const rng = makeRng(1)
  const label = Array.from({ length: 200 }, () => rng.below(2))
  const score = Array.from({ length: 200 }, () => rng.below(20) / 20)
  close(makeWeightedAuc(label, score)(new Float64Array(200).fill(1)), auc(label, score)!.auc, 1e-12)
})

test('reliability and calibration error: scikit-learn and torchmetrics examples', () => {
  const label = [0, 0, 0, 0, 1, 1, 1, 1, 1]
  const p = [0.1, 0.2, 0.3, 0.4, 0.65, 0.7, 0.8, 0.9, 1]
  const table = reliability(label, p, 3)
  assert.deepEqual(
    table.map(bin => bin.happened),
    [0, 0.5, 1],
  )
  for (const [k, said] of [0.2, 0.525, 0.85].entries()) close(table[k]!.said, said, 1e-12)
  close(calibrationError(label, p, 3), 0.1388888889, 1e-10)
  close(calibrationError(label, p, 10), 0.2166666667, 1e-10)
  close(calibrationError([0, 0, 1, 1, 1], [0.25, 0.25, 0.55, 0.75, 0.75], 2), 0.29, 1e-12)
  // p = 0 falls in the first bin.
  close(calibrationError([0, 0, 1, 1, 1], [1, 1, 1, 1, 0], 2), 0.6, 1e-12)
})

test('floor of the calibration error: p ~ Beta(2,5), n = 100: mean .0875, q95 .133', () => {
  const rng = makeRng('beta')
  // Beta(2,5) is the second smallest of six uniform numbers.
  const beta = () => Array.from({ length: 6 }, () => rng.next()).sort((x, y) => x - y)[1]!
  const floors = Array.from({ length: 40 }, (_, k) =>
    calibrationFloor(Array.from({ length: 100 }, beta), { runs: 50, seed: `floor${k}` }),
  )
  close(floors.reduce((sum, floor) => sum + floor.mean, 0) / 40, 0.0875, 0.006)
  close(floors.reduce((sum, floor) => sum + floor.q95, 0) / 40, 0.133, 0.01)
})

test('McNemar: statsmodels tables', () => {
  for (const [b, c, exact, corrected] of [
    [121, 59, 4.434449264e-6, 5.450095e-6],
    [70, 59, 0.378688, 0.3786151],
    [80, 59, 0.089452, 0.08981434],
    [10, 30, 0.002221433773, 0.00266312],
    [10, 10, 1, 1],
    [0, 5, 0.0625, Number.NaN],
    [0, 6, 0.03125, Number.NaN],
    [1, 9, 0.021484375, Number.NaN],
    [3, 12, 0.03515625, Number.NaN],
    [5, 15, 0.04138946533, Number.NaN],
    [0, 0, 1, 1],
  ] as const) {
    const found = mcnemar(b, c)
    close(found.exact, exact, exact > 0.01 ? 1e-6 : 1e-9)
    if (!Number.isNaN(corrected)) close(found.corrected, corrected, 1e-7)
  }
})

test('Wilson: statsmodels values', () => {
  for (const [k, n, low, high] of [
    [7, 10, 0.396778, 0.892209],
    [0, 10, 0, 0.277533],
    [10, 10, 0.722467, 1],
    [95, 100, 0.88825, 0.978456],
    [60, 100, 0.502003, 0.690599],
  ] as const) {
    const found = wilson(k, n)
    close(found[0], low, 1e-6)
    close(found[1], high, 1e-6)
  }
})

test(
  'token bootstrap covers: mean of dependent rows, 95 % interval holds the truth about 95 % of ' +
    'the time',
  () => {
    const rng = makeRng('coverage')
    let held = 0
    const trials = 200
    for (let trial = 0; trial < trials; trial++) {
      // 40 tokens × 5 rows that share their token's level; truth 0.
      const values: number[] = []
      const tokens: string[] = []
      for (let token = 0; token < 40; token++) {
        const level = rng.normal()
        for (let row = 0; row < 5; row++) {
          values.push(level + 0.1 * rng.normal())
          tokens.push(`t${token}`)
        }
      }
      const mean = (weight: Float64Array) => {
        let [sum, total] = [0, 0]
        values.forEach((value, i) => {
          sum += weight[i]! * value
          total += weight[i]!
        })
        return sum / total
      }
      const [low, high] = bootstrapByGroup(groupNumbers(tokens), mean, { runs: 300, seed: trial })!
      if (low <= 0 && high >= 0) held++
    }
    // 95 % ± 3.3 standard errors of 200 trials, less the known small-sample shortfall of the
    // percentile method.
    assert.ok(held / trials > 0.88 && held / trials < 0.995, `covers ${held / trials}`)
    assert.equal(
      bootstrapByGroup(Int32Array.of(0, 0), () => 1),
      undefined,
    )
  },
)
