import { invert } from '../../maths/optimiser.ts'
import { type GarchParameters, garchLikelihood, pooledLikelihood } from './garch-likelihood.ts'

/** Standard errors of fitted parameters, in the unit of the parameters. */
export interface GarchErrors {
  /** From the inverse of the observed information I: right where the returns are normal. */
  standardErrors: GarchParameters
  /**
   * From I⁻¹ (Σ s sᵀ) I⁻¹, s the gradient of the density of each return (Bollerslev & Wooldridge
   * 1992): right whatever the distribution, as long as mean and variance are modelled. Wider where
   * tails are fat.
   */
  robustErrors: GarchParameters
}

const NAMES = ['mu', 'omega', 'alpha', 'beta'] as const

/**
 * Standard errors of the parameters that maximise the likelihood of these series, both ways;
 * undefined where the information is not positive definite, so that neither means anything.
 */
export function garchErrors(
  series: readonly Float64Array[],
  at: GarchParameters,
): GarchErrors | undefined {
  const covariance = invert(informationOf(series, at))
  if (covariance === undefined) return undefined
  const sandwich = times(times(covariance, scoreProducts(series, at)), covariance)
  const [standardErrors, robustErrors] = [rootsOf(covariance), rootsOf(sandwich)]
  return standardErrors === undefined || robustErrors === undefined
    ? undefined
    : { standardErrors, robustErrors }
}

/** The negative Hessian, by central differences of the exact gradient. */
function informationOf(series: readonly Float64Array[], at: GarchParameters): number[][] {
  const rows = NAMES.map(name => {
    const step = 1e-5 * Math.max(Math.abs(at[name]), 1e-2)
    const up = pooledLikelihood(series, { ...at, [name]: at[name] + step }).gradient
    const down = pooledLikelihood(series, { ...at, [name]: at[name] - step }).gradient
    return up.map((g, i) => (down[i]! - g) / (2 * step))
  })
  return rows.map((row, i) => row.map((x, j) => (x + rows[j]![i]!) / 2))
}

/** Σ s sᵀ over the returns of all series. */
function scoreProducts(series: readonly Float64Array[], at: GarchParameters): number[][] {
  const sums = NAMES.map(() => NAMES.map(() => 0))
  for (const returns of series) {
    const scores = new Float64Array(NAMES.length * returns.length)
    garchLikelihood(returns, at, { scores })
    for (let from = 0; from < scores.length; from += NAMES.length)
      for (const [i, row] of sums.entries())
        for (const j of row.keys()) row[j] = row[j]! + scores[from + i]! * scores[from + j]!
  }
  return sums
}

const times = (a: readonly number[][], b: readonly number[][]): number[][] =>
  a.map(row => b.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)))

function rootsOf(covariance: readonly number[][]): GarchParameters | undefined {
  const variances = covariance.map((row, i) => row[i]!)
  if (!variances.every(v => v > 0 && Number.isFinite(v))) return undefined
  const [mu, omega, alpha, beta] = variances.map(Math.sqrt) as [number, number, number, number]
  return { mu, omega, alpha, beta }
}
