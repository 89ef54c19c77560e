import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { makeRng } from '../../../../lib/base/rng.ts'
import { normalQuantile } from '../../../../lib/maths/normal.ts'
import {
  fitGarch,
  fitVolatility,
  type VolatilityModel,
} from '../../../../lib/train/volatility/garch.ts'
import { garchErrors } from '../../../../lib/train/volatility/garch-errors.ts'
import {
  forecastVariance,
  nextVariance,
  tailRisk,
} from '../../../../lib/train/volatility/garch-forecast.ts'
import { garchLikelihood } from '../../../../lib/train/volatility/garch-likelihood.ts'
import { sharedFile } from '../../../kit/shared.ts'

const near = (found: number | undefined, expected: number, tolerance: number, what = ''): void =>
  assert.ok(
    Math.abs((found ?? Number.NaN) - expected) <= tolerance,
    `${what} ${found}, expected ${expected} ± ${tolerance}`,
  )

const NAMES = ['mu', 'omega', 'alpha', 'beta'] as const

/** A GARCH(1,1) path with known parameters; `draw` gives shocks of mean 0 and variance 1. */
function simulate(
  n: number,
  { mu, omega, alpha, beta }: { mu: number; omega: number; alpha: number; beta: number },
  draw = makeRng('garch').normal,
): Float64Array {
  let h = omega / (1 - alpha - beta)
  return Float64Array.from({ length: n }, () => {
    const r = mu + Math.sqrt(h) * draw()
    h = nextVariance({ mu, omega, alpha, beta }, h, r)
    return r
  })
}

test('likelihood of five returns', () => {
  // σ² = 1, 1, 1.3, 1.165, 1.032 then 1.8256 with ω, α, β = .1, .1, .8 and presample 1:
  // .1+.1·1+.8·1 = 1 · .1+.1·1²+.8·1 = 1 · .1+.1·(−2)²+.8 = 1.3 · .1+.1·.25+.8·1.3 = 1.165 ·
  // .1+0+.8·1.165 = 1.032 · .1+.9+.8256
  const found = garchLikelihood(
    Float64Array.of(1, -2, 0.5, 0, 3),
    { mu: 0, omega: 0.1, alpha: 0.1, beta: 0.8 },
    { presample: 1 },
  )
  const byHand = [1, -2, 0.5, 0, 3].map((r, i) => {
    const h = [1, 1, 1.3, 1.165, 1.032][i]!
    return -0.5 * (Math.log(2 * Math.PI) + Math.log(h) + (r * r) / h)
  })
  near(
    found.value,
    byHand.reduce((a, b) => a + b),
    1e-12,
  )
  near(found.value, -11.774603637728543, 1e-12)
  near(found.nextVariance, 1.8256, 1e-12)
})

test('the gradient equals central differences', () => {
  const returns = simulate(200, { mu: 0.1, omega: 0.2, alpha: 0.1, beta: 0.7 })
  const at = { mu: 0.05, omega: 0.3, alpha: 0.15, beta: 0.6 }
  const { gradient } = garchLikelihood(returns, at)
  for (const [i, name] of NAMES.entries()) {
    const up = garchLikelihood(returns, { ...at, [name]: at[name] + 1e-6 }).value
    const down = garchLikelihood(returns, { ...at, [name]: at[name] - 1e-6 }).value
    near(gradient[i], (up - down) / 2e-6, 1e-5 * Math.max(1, Math.abs(gradient[i]!)), name)
  }
})

test('the score of each return equals central differences of its density', () => {
  const returns = simulate(12, { mu: 0.1, omega: 0.2, alpha: 0.1, beta: 0.7 })
  const at = { mu: 0.05, omega: 0.3, alpha: 0.15, beta: 0.6 }
  const scores = new Float64Array(4 * returns.length)
  garchLikelihood(returns, at, { presample: 1, scores })
  for (const [i, name] of NAMES.entries())
    for (const t of returns.keys()) {
      // The density of a return is what it adds to the likelihood of those before it.
      const density = (by: number): number => {
        const point = { ...at, [name]: at[name] + by }
        const upTo = (n: number): number =>
          garchLikelihood(returns.slice(0, n), point, { presample: 1 }).value
        return upTo(t + 1) - upTo(t)
      }
      near(scores[4 * t + i], (density(1e-6) - density(-1e-6)) / 2e-6, 1e-6, `${name} ${t}`)
    }
})

/**
 * Shocks of 0 and ±√kurtosis, the latter with probability 1/kurtosis: mean 0, variance 1, and that
 * kurtosis, exactly.
 */
function threePoints(kurtosis: number): () => number {
  const rng = makeRng('three points')
  return () => {
    const u = rng.next() * kurtosis
    return u >= 1 ? 0 : (u < 0.5 ? -1 : 1) * Math.sqrt(kurtosis)
  }
}

test('robust errors are the plain ones times √((kurtosis − 1)/2) for ω, α and β', () => {
  // The scores of the variance are ½(z² − 1)·h′/h, so Σ s sᵀ is (κ − 1)/2 times the information
  // (Bollerslev & Wooldridge 1992): 1 for normal shocks and others of kurtosis 3, 2 for 9.
  const truth = { mu: 0, omega: 0.1, alpha: 0.1, beta: 0.8 }
  const draws: [() => number, factor: number][] = [
    [makeRng('garch').normal, 1],
    [threePoints(3), 1],
    [threePoints(9), 2],
  ]
  for (const [draw, factor] of draws) {
    const errors = garchErrors([simulate(100_000, truth, draw)], truth)
    for (const name of ['omega', 'alpha', 'beta'] as const)
      near(
        (errors?.robustErrors[name] ?? 0) / (errors?.standardErrors[name] ?? 0),
        factor,
        0.1 * factor,
        `${name} at ${factor}`,
      )
  }
})

test('several series are one sample for their errors: twice the same, √2 times as sure', () => {
  const at = { mu: 0, omega: 0.1, alpha: 0.1, beta: 0.8 }
  const series = simulate(2000, at)
  const [one, two] = [garchErrors([series], at), garchErrors([series, series], at)]
  for (const name of NAMES) {
    near(two!.standardErrors[name] * Math.SQRT2, one!.standardErrors[name], 1e-6)
    near(two!.robustErrors[name] * Math.SQRT2, one!.robustErrors[name], 1e-6)
  }
})

test('known parameters are found again within three standard errors', () => {
  const truth = { mu: 0.0005, omega: 2e-6, alpha: 0.08, beta: 0.9 }
  const model = fitGarch(simulate(4000, truth))
  for (const name of NAMES) near(model[name], truth[name], 3 * model.standardErrors![name], name)
})

test('the unit of the returns changes only the unit of the answer', () => {
  const returns = simulate(600, { mu: 0, omega: 0.1, alpha: 0.1, beta: 0.8 })
  const [one, cent] = [fitGarch(returns), fitGarch(returns.map(r => r / 100))]
  near(cent.alpha, one.alpha, 1e-5)
  near(cent.beta, one.beta, 1e-5)
  near(cent.omega * 1e4, one.omega, 1e-5)
  near(cent.logLikelihood, one.logLikelihood + 600 * Math.log(100), 1e-6)
})

test('what cannot be fitted is refused with its reason, and the fallback says so', () => {
  const returns = simulate(99, { mu: 0, omega: 0.1, alpha: 0.1, beta: 0.8 })
  assert.throws(() => fitGarch(returns), { message: 'needs 100 returns, has 99' })
  assert.throws(
    () => fitGarch(Float64Array.from({ length: 200 }, (_, i) => (i === 7 ? Number.NaN : i))),
    {
      message: 'return 7 is NaN',
    },
  )
  assert.throws(() => fitGarch(new Float64Array(200).fill(0.5)), {
    message: 'constant: every return is 0.5',
  })
  assert.throws(() => fitVolatility(new Float64Array(200)), { message: /every return is 0/ })
  assert.throws(() => fitVolatility(Float64Array.of(1, 2)), { message: 'needs 10 returns, has 2' })
  const fallback = fitVolatility(returns)
  assert.equal(fallback.method, 'ewma')
  assert.equal(fallback.reason, 'needs 100 returns, has 99')
})

test('EWMA of ten returns', () => {
  // All ±1, so the mean square is 1 and stays 1: .94·1 + .06·1; forecasts are flat.
  const model = fitVolatility(Float64Array.from({ length: 10 }, (_, i) => (i % 2 ? 1 : -1)))
  near(model.nextVariance, 1, 1e-12)
  assert.deepEqual(forecastVariance({ ...model, omega: 0 }, 1, 3), [1, 1, 1])
  // One return of 2 after it: .94·1 + .06·4 = 1.18.
  near(nextVariance(model, 1, 2), 1.18, 1e-12)
})

test('forecasts approach the long-run variance', () => {
  // At the published point for DEM/GBP: 10 steps from .14699224640130187 give .18338138592170267 (u
  // + (α+β)^9 (h₁ − u)).
  const at = { mu: -0.00619041, omega: 0.0107613, alpha: 0.153134, beta: 0.805974 }
  const path = forecastVariance(at, 0.14699224640130187, 10)
  near(path[9], 0.18338138592170267, 1e-12)
  // Far ahead the forecast is the long-run variance ω / (1 − α − β).
  near(forecastVariance(at, 0.14699224640130187, 2000)[1999], 0.26316394404773524, 1e-9)
  assert.equal(forecastVariance(at, 0.1).length, 12)
})

test('value at risk and expected shortfall of a standard normal return', () => {
  // z(.95) = 1.6448536269514722, φ(z)/.05 = 2.0627128075074257; z(.99) = 2.3263478740408408,
  // φ(z)/.01 = 2.665214220345808.
  const five = tailRisk(0, 1)
  near(five.valueAtRisk, 1.6448536269514722, 1e-8)
  near(five.expectedShortfall, 2.0627128075074257, 1e-8)
  const one = tailRisk(0, 4, 0.99)
  near(one.valueAtRisk, 2 * 2.3263478740408408, 1e-8)
  near(one.expectedShortfall, 2 * 2.665214220345808, 1e-8)
  near(tailRisk(0.1, 1).valueAtRisk, 1.544853626951472, 1e-8)
  near(normalQuantile(0.001), -3.090232306167813, 1e-8)
  assert.equal(normalQuantile(0), -Infinity)
})

const dem = sharedFile('data/garch-dem2gbp/dem2gbp.csv.gz')
test('the DEM/GBP benchmark to five digits', { skip: dem.skip }, () => {
  const rows = gunzipSync(readFileSync(dem.path)).toString().trim().split('\n').slice(1)
  const model = fitGarch(Float64Array.from(rows, Number))
  const digits = (x: number): string => x.toPrecision(5)
  const shown = (m: VolatilityModel): string[] => [m.mu, m.omega, m.alpha, m.beta].map(digits)
  // Fiorentini, Calzolari & Panattoni (1996) and McCullough & Renfro (1999); errors: fGarch’s
  // recorded test output.
  assert.deepEqual(shown(model), ['-0.0061904', '0.010761', '0.15313', '0.80597'])
  const e = model.standardErrors!
  assert.deepEqual(
    [e.mu, e.omega, e.alpha, e.beta].map(x => x.toFixed(6)),
    ['0.008462', '0.002853', '0.026523', '0.033553'],
  )
  // Bollerslev–Wooldridge errors of the same benchmark: .918935E-2, .649319E-2, .535317E-1 and
  // .724614E-1 (Fiorentini, Calzolari & Panattoni 1996, as in R/benchmark.R of tsgarch).
  assert.deepEqual(
    NAMES.map(name => model.robustErrors?.[name].toPrecision(4)),
    ['0.009189', '0.006493', '0.05353', '0.07246'],
  )
  near(model.logLikelihood, -1106.607881, 1e-6)
  near(model.nextVariance, 0.14699256898895705, 1e-8)
})
