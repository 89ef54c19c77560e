/** μ, ω, α, β of r_t = μ + e_t, h_t = ω + α e²_{t−1} + β h_{t−1} (Bollerslev 1986). */
export interface GarchParameters {
  mu: number
  omega: number
  alpha: number
  beta: number
}

/** Log-likelihood with its gradient by (μ, ω, α, β), and the variance after the last return. */
interface Likelihood {
  value: number
  gradient: [number, number, number, number]
  nextVariance: number
}

/**
 * Gaussian log-likelihood ℓ = −½ Σ (ln 2π + ln h_t + e_t²/h_t) and its exact gradient in one pass.
 * Start: the squared residual and the variance before the sample are both mean(e²) at the current
 * μ, the convention of Fiorentini, Calzolari & Panattoni (1996); another start changes the third
 * digit of the estimates. `presample` fixes that value instead. `scores`, four numbers per return,
 * takes the gradient of the density of each return; together they are the gradient.
 */
export function garchLikelihood(
  returns: Float64Array,
  at: GarchParameters,
  { presample, scores }: { presample?: number; scores?: Float64Array } = {},
): Likelihood {
  const { mu, omega, alpha, beta } = at
  const n = returns.length
  let square = 0
  let mean = 0
  for (const r of returns) {
    square += (r - mu) ** 2
    mean += r - mu
  }
  let e2 = presample ?? square / n
  let h = e2
  let e2ByMu = presample === undefined ? (-2 * mean) / n : 0
  const d = { mu: e2ByMu, omega: 0, alpha: 0, beta: 0 }
  const g: [number, number, number, number] = [0, 0, 0, 0]
  let value = 0
  for (const [t, r] of returns.entries()) {
    d.mu = alpha * e2ByMu + beta * d.mu
    d.omega = 1 + beta * d.omega
    d.alpha = e2 + beta * d.alpha
    d.beta = h + beta * d.beta
    h = omega + alpha * e2 + beta * h
    const e = r - mu
    e2 = e * e
    e2ByMu = -2 * e
    value -= 0.5 * (Math.log(2 * Math.PI * h) + e2 / h)
    const slope = (0.5 * (e2 / h - 1)) / h
    const byMu = slope * d.mu + e / h
    g[0] += byMu
    g[1] += slope * d.omega
    g[2] += slope * d.alpha
    g[3] += slope * d.beta
    scores?.set([byMu, slope * d.omega, slope * d.alpha, slope * d.beta], 4 * t)
  }
  return { value, gradient: g, nextVariance: omega + alpha * e2 + beta * h }
}

/** The sum over several series, each with a start of its own; nextVariance is that of the last. */
export function pooledLikelihood(series: readonly Float64Array[], at: GarchParameters): Likelihood {
  const parts = series.map(each => garchLikelihood(each, at))
  const gradient: Likelihood['gradient'] = [0, 0, 0, 0]
  for (const part of parts)
    for (const k of gradient.keys()) gradient[k] = gradient[k]! + part.gradient[k]!
  const { nextVariance } = parts.at(-1)!
  return { value: parts.reduce((sum, { value }) => sum + value, 0), gradient, nextVariance }
}
