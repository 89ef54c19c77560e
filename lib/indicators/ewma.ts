import { type About, type Indicator, makeIndicator } from './indicator.ts'

/**
 * Exponentially weighted mean with decay λ, seeded with the first value: m = λ·m + (1 − λ)·x. On
 * squared returns with λ = 0.94 it is the RiskMetrics variance (J.P. Morgan 1996). Unit: that of
 * the input.
 */
export function makeEwma(lambda: number): Indicator<number> {
  return makeIndicator<number>({
    warmup: 1,
    scalars: 1,
    apply: (x, was, now, bars) => {
      const last = was[0]!
      now[0] = bars === 1 ? x : last + (1 - lambda) * (x - last)
    },
    read: now => now[0],
  })
}

export const about: About = {
  input: 'price',
  definition: 'λ·last + (1 − λ)·value, seeded with the first',
  degree: { price: 1, volume: 0 },
  make: () => makeEwma(0.94),
}
