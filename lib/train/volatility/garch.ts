import { DataError } from '../../base/errors.ts'
import { minimise } from '../../maths/optimiser.ts'
import { type GarchErrors, garchErrors } from './garch-errors.ts'
import { type GarchParameters, garchLikelihood, pooledLikelihood } from './garch-likelihood.ts'

/**
 * A fitted volatility model. `ewma` has ω = 0, μ = 0, α + β = 1: the same recursion, a flat
 * forecast; it has no standard errors, nor has a fit whose information is not positive definite.
 */
export interface VolatilityModel extends GarchParameters, Partial<GarchErrors> {
  method: 'garch' | 'ewma'
  /** Why a GARCH(1,1) was not fitted. */
  reason?: string
  returns: number
  initialisation: string
  logLikelihood: number
  /** Variance of the return after the last one of the sample. */
  nextVariance: number
}

/** Below this many returns the four parameters are not identified well enough to forecast with. */
export const GARCH_MIN_RETURNS = 100
/** RiskMetrics’ decay for daily data (J.P. Morgan 1996). */
const EWMA_DECAY = 0.94
const EWMA_MIN_RETURNS = 10

/**
 * GARCH(1,1) with a constant mean by maximum likelihood. `returns` may be in any unit (fractions,
 * percent): the fit runs on standardised returns and the answer is in the unit given. Several
 * series are pooled: one set of parameters, the sum of their likelihoods, each with a start of its
 * own; nextVariance is that of the last one. @throws DataError on fewer than 100 returns in a
 * series, a value that is not finite, a constant series, or no convergence.
 */
export function fitGarch(returns: Series): VolatilityModel {
  const series = seriesOf(returns)
  for (const each of series) {
    const short = refusal(each, GARCH_MIN_RETURNS)
    if (short !== undefined) throw new DataError(short, { field: 'returns' })
  }
  const all = together(series)
  const scale = Math.sqrt(centredSquare(all))
  const unit = series.map(each => each.map(r => r / scale))
  const best = starts(unit)
    .map(start => minimise(at => negative(unit, at, all.length), start))
    .reduce((a, b) => (b.value < a.value ? b : a))
  if (!best.converged)
    throw new DataError(`the likelihood did not converge in ${best.iterations} iterations`, {
      field: 'returns',
    })
  const found = parametersOf(best.at)
  const fit = pooledLikelihood(unit, found)
  const errors = garchErrors(unit, found)
  return {
    method: 'garch',
    ...inUnit(found, scale),
    returns: all.length,
    initialisation: 'mean squared residual at the fitted mean',
    logLikelihood: fit.value - all.length * Math.log(scale),
    ...(errors === undefined
      ? {}
      : {
          standardErrors: inUnit(errors.standardErrors, scale),
          robustErrors: inUnit(errors.robustErrors, scale),
        }),
    nextVariance: fit.nextVariance * scale * scale,
  }
}

/**
 * GARCH(1,1), or an exponentially weighted variance (λ = 0.94) whose `reason` says why GARCH was
 * not possible. @throws DataError when even that has too little data: fewer than 10 returns, a
 * value that is not finite, all returns 0.
 */
export function fitVolatility(returns: Series): VolatilityModel {
  try {
    return fitGarch(returns)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    return fitEwma(together(seriesOf(returns)), error.message)
  }
}

/** Returns of one series, or of several. */
type Series = Float64Array | readonly Float64Array[]
const seriesOf = (returns: Series): readonly Float64Array[] =>
  returns instanceof Float64Array ? [returns] : returns

function together(series: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(series.reduce((sum, each) => sum + each.length, 0))
  let at = 0
  for (const each of series) {
    out.set(each, at)
    at += each.length
  }
  return out
}

/** h_t = λ h_{t−1} + (1−λ) r²_{t−1}, started at the mean square of the sample; mean taken as 0. */
function fitEwma(returns: Float64Array, reason: string): VolatilityModel {
  const refused = refusal(returns, EWMA_MIN_RETURNS)
  if (refused !== undefined && !refused.startsWith('constant'))
    throw new DataError(refused, { field: 'returns' })
  const square = returns.reduce((sum, r) => sum + r * r, 0)
  if (square === 0)
    throw new DataError('every return is 0: no volatility to model', { field: 'returns' })
  const parameters = { mu: 0, omega: 0, alpha: 1 - EWMA_DECAY, beta: EWMA_DECAY }
  const { value, nextVariance } = garchLikelihood(returns, parameters)
  const initialisation = 'mean squared return'
  return {
    method: 'ewma',
    reason,
    ...parameters,
    returns: returns.length,
    initialisation,
    logLikelihood: value,
    nextVariance,
  }
}

function refusal(returns: Float64Array, least: number): string | undefined {
  const odd = returns.findIndex(r => !Number.isFinite(r))
  if (odd >= 0) return `return ${odd} is ${returns[odd]}`
  if (returns.length < least) return `needs ${least} returns, has ${returns.length}`
  return returns.every(r => r === returns[0])
    ? `constant: every return is ${returns[0]}`
    : undefined
}

function centredSquare(returns: Float64Array): number {
  const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length
  return returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / returns.length
}

/**
 * Unconstrained coordinates: μ, ln ω, logit of the persistence α+β (below 0.9999), logit of α’s
 * share in it.
 */
const PERSISTENCE_CEILING = 0.9999
function parametersOf([mu, a, b, c]: readonly number[]): GarchParameters {
  const persistence = PERSISTENCE_CEILING * logistic(b!)
  const alpha = persistence * logistic(c!)
  return { mu: mu!, omega: Math.exp(a!), alpha, beta: persistence - alpha }
}

function starts(unit: readonly Float64Array[]): number[][] {
  const all = together(unit)
  const mean = all.reduce((sum, r) => sum + r, 0) / all.length
  // (α, β) of a calm, a lively and a barely autocorrelated series; ω so that the long-run variance
  // is the sample’s (1).
  return [
    [0.05, 0.9],
    [0.2, 0.7],
    [0.1, 0.2],
  ].map(([alpha, beta]) => {
    const persistence = alpha! + beta!
    return [
      mean,
      Math.log(1 - persistence),
      logit(persistence / PERSISTENCE_CEILING),
      logit(alpha! / persistence),
    ]
  })
}

/** Mean negative log-likelihood and its gradient in the unconstrained coordinates (chain rule). */
function negative(
  unit: readonly Float64Array[],
  at: readonly number[],
  returns: number,
): { value: number; gradient: number[] } {
  const p = parametersOf(at)
  const { value, gradient } = pooledLikelihood(unit, p)
  const [byMu, byOmega, byAlpha, byBeta] = gradient
  const persistence = p.alpha + p.beta
  const share = logistic(at[2]!)
  const byB =
    ((byAlpha * p.alpha + byBeta * p.beta) / persistence) *
    PERSISTENCE_CEILING *
    share *
    (1 - share)
  const byC = ((byAlpha - byBeta) * p.alpha * p.beta) / persistence
  // The share is the same in both: dα = persistence dshare, dpersistence = α/persistence dα +
  // β/persistence dβ.
  const by = [byMu, byOmega * p.omega, byB, byC].map(x => -x / returns)
  return { value: Number.isFinite(value) ? -value / returns : Infinity, gradient: by }
}

const inUnit = ({ mu, omega, alpha, beta }: GarchParameters, scale: number): GarchParameters => ({
  mu: mu * scale,
  omega: omega * scale * scale,
  alpha,
  beta,
})
const logistic = (x: number): number => 1 / (1 + Math.exp(-x))
const logit = (p: number): number => Math.log(p / (1 - p))
