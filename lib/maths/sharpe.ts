import { normalCdf, normalQuantile } from './normal.ts'

/**
 * Mean over standard deviation (n − 1) of returns per period, not annualised; undefined under two
 * or without spread.
 */
export function sharpeOf(returns: Float64Array): number | undefined {
  const { mean, deviation } = momentsOf(returns)
  return deviation > 0 ? mean / deviation : undefined
}

/**
 * Mean over the root of the mean squared loss (Sortino & Price 1994, target 0); undefined without a
 * loss.
 */
export function sortinoOf(returns: Float64Array): number | undefined {
  let [sum, squares] = [0, 0]
  for (const r of returns) {
    sum += r
    if (r < 0) squares += r * r
  }
  const n = returns.length
  return squares > 0 ? sum / n / Math.sqrt(squares / n) : undefined
}

/** Mean, standard deviation (n − 1), skewness and kurtosis (3 for a normal) of returns. */
export function momentsOf(returns: Float64Array): {
  mean: number
  deviation: number
  skew: number
  kurtosis: number
} {
  const n = returns.length
  const mean = returns.reduce((a, b) => a + b, 0) / n
  let [m2, m3, m4] = [0, 0, 0]
  for (const r of returns) {
    const d = r - mean
    m2 += d * d
    m3 += d ** 3
    m4 += d ** 4
  }
  const spread = m2 / n
  // Equal returns leave rounding noise of the size of one unit in the last place, which is no
  // spread.
  const isFlat = !(Math.sqrt(spread) > 1e-12 * Math.max(Math.abs(mean), 1e-300))
  if (n < 2 || isFlat) return { mean, deviation: 0, skew: 0, kurtosis: 3 }
  return {
    mean,
    deviation: Math.sqrt(m2 / (n - 1)),
    skew: m3 / n / spread ** 1.5,
    kurtosis: m4 / n / spread ** 2,
  }
}

const EULER = 0.5772156649015329

/**
 * Highest Sharpe ratio to be expected from `trials` strategies without any skill, whose ratios have
 * this variance (Bailey & López de Prado 2014, “The Deflated Sharpe Ratio”, eq. 1).
 */
export function luckySharpe(trials: number, variance: number): number {
  if (trials < 2) return 0
  const [a, b] = [normalQuantile(1 - 1 / trials), normalQuantile(1 - 1 / (trials * Math.E))]
  return Math.sqrt(variance) * ((1 - EULER) * a + EULER * b)
}

/**
 * Probability that the true Sharpe ratio is above `benchmark`, from a ratio measured over `periods`
 * periods (Bailey & López de Prado 2012). With `luckySharpe` as the benchmark this is the deflated
 * Sharpe ratio. Ratios per period.
 */
export function surerThan(
  benchmark: number,
  sharpe: number,
  { periods, skew, kurtosis }: { periods: number; skew: number; kurtosis: number },
): number {
  const variance = 1 - skew * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe
  if (!(variance > 0) || periods < 2) return Number.NaN
  return normalCdf(((sharpe - benchmark) * Math.sqrt(periods - 1)) / Math.sqrt(variance))
}
