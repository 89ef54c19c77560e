import { makeSmoother } from './ema.ts'
import type { About, Indicator } from './indicator.ts'

/**
 * Wilder's smoothing: mean of the first n, then (last·(n − 1) + x)/n (Wilder 1978, TA-Lib RSI and
 * ATR).
 */
export const makeWilder = (n: number): Indicator<number> => makeSmoother(n, 1 / n)

export const about: About = {
  input: 'price',
  definition: 'exponential mean with k = 1/n, seeded with the mean of the first n',
  degree: { price: 1, volume: 0 },
  make: () => makeWilder(14),
}
