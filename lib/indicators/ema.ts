import { type About, type Indicator, makeIndicator } from './indicator.ts'

/**
 * Exponential moving average, k = 2/(n + 1), seeded with the mean of the first n values (TA-Lib
 * EMA). Unit: that of the input. The seed weighs less than 1 % after about 2.3·n bars.
 */
export const makeEma = (n: number): Indicator<number> => makeSmoother(n, 2 / (n + 1))

/**
 * Seeded with the mean of the first n, then value += k·(x − value): cannot overflow where its
 * inputs do not.
 */
export function makeSmoother(n: number, k: number): Indicator<number> {
  return makeIndicator<number>({
    warmup: n,
    scalars: 1,
    apply: (x, was, now, bars) => {
      const last = was[0]!
      now[0] = last + (x - last) * (bars <= n ? 1 / bars : k)
    },
    read: now => now[0],
  })
}

export const about: About = {
  input: 'price',
  definition: 'exponential mean of closes, k = 2/(n + 1), seeded with the mean of the first n',
  degree: { price: 1, volume: 0 },
  make: () => makeEma(10),
}
