import { type About, type Indicator, makeIndicator } from './indicator.ts'
import { makeRing } from './window.ts'

/**
 * Rate of change in percent, 100·(close / close n bars ago − 1) (TA-Lib ROC). Absent when that
 * close is 0.
 */
export function makeRoc(n: number): Indicator<number> {
  const ring = makeRing(n + 1)
  return makeIndicator<number>({
    warmup: n + 1,
    scalars: 0,
    children: [ring],
    apply: (x, _was, _now, _bars, how) => ring.put(x, how),
    read: () => 100 * (ring.back(0) / ring.back(n) - 1),
  })
}

export const about: About = {
  input: 'price',
  definition: '100·(close / close n bars ago − 1)',
  degree: { price: 0, volume: 0 },
  make: () => makeRoc(14),
}
