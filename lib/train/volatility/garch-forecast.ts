import { normalDensity, normalQuantile } from '../../maths/normal.ts'
import type { GarchParameters } from './garch-likelihood.ts'

/** h_{t+1} = ω + α (r_t − μ)² + β h_t: the one step that serving repeats per closed candle. */
export function nextVariance(
  { mu, omega, alpha, beta }: GarchParameters,
  variance: number,
  latest: number,
): number {
  return omega + alpha * (latest - mu) ** 2 + beta * variance
}

/**
 * Variances of the next `steps` returns: E h_{t+k} = ω + (α+β) E h_{t+k−1}, from `variance` =
 * h_{t+1}.
 */
export function forecastVariance(
  { omega, alpha, beta }: GarchParameters,
  variance: number,
  steps = 12,
): number[] {
  const out = [variance]
  while (out.length < steps) out.push(omega + (alpha + beta) * out[out.length - 1]!)
  return out.slice(0, steps)
}

/**
 * Value at risk and expected shortfall of one return under a normal distribution, as positive
 * losses in the unit of the returns: VaR = −(μ + σ z₁₋level), ES = −μ + σ φ(z)/(1 − level).
 */
export function tailRisk(
  mu: number,
  variance: number,
  level = 0.95,
): { valueAtRisk: number; expectedShortfall: number } {
  const sigma = Math.sqrt(variance)
  const z = normalQuantile(1 - level)
  return {
    valueAtRisk: -(mu + sigma * z),
    expectedShortfall: (sigma * normalDensity(z)) / (1 - level) - mu,
  }
}
