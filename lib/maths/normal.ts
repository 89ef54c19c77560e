/**
 * Complementary error function: power series below 2, continued fraction above (Abramowitz and
 * Stegun 7.1.6, 7.1.14). Relative error below 1e-13.
 */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x)
  return x < 2 ? 1 - erfSeries(x) : erfcFraction(x)
}

function erfSeries(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

function erfcFraction(x: number): number {
  let fraction = x
  for (let k = 120; k >= 1; k--) fraction = x + k / 2 / fraction
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction
}

/** Standard normal distribution function. */
export const normalCdf = (z: number): number => 0.5 * erfc(-z / Math.SQRT2)

/** Two-sided p value of a standard normal statistic. */
export const twoSided = (z: number): number => erfc(Math.abs(z) / Math.SQRT2)

/** Upper tail of χ² with one degree of freedom. */
export const chiSquare1 = (x: number): number => erfc(Math.sqrt(Math.max(0, x) / 2))

/** Density of the standard normal distribution. */
export const normalDensity = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)

/**
 * z with P(Z ≤ z) = p, for 0 < p < 1 (±∞ at the ends), by bisection on the distribution function.
 */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p)
  if (!(p > 0)) return p === 0 ? -Infinity : Number.NaN
  let low = -40
  let high = 0
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2
    if (normalCdf(middle) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** z with P(|Z| ≤ z) = level. */
export const quantile = (level: number): number => -normalQuantile((1 - level) / 2)
