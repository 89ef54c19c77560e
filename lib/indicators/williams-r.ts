import { type About, type Bar, type Indicator, makeIndicator } from './indicator.ts'
import { makeHighest, makeLowest } from './window.ts'

/**
 * Williams %R, −100–0: −100·(highest high − close)/(range of n bars). No range counts as 0 (TA-Lib
 * WILLR).
 */
export function makeWilliamsR(n: number): Indicator<Bar> {
  const highest = makeHighest(n)
  const lowest = makeLowest(n)
  return makeIndicator<Bar>({
    warmup: n,
    scalars: 1,
    children: [highest, lowest],
    apply: (bar, _was, now, _bars, how) => {
      now[0] = bar.close
      highest.put(bar.high, how)
      lowest.put(bar.low, how)
    },
    read: now => {
      const high = highest.read(0)
      const range = high - lowest.read(0)
      return range === 0 ? 0 : -100 * ((high - now[0]!) / range)
    },
  })
}

export const about: About = {
  input: 'bar',
  definition: '−100·(highest high − close)/(highest high − lowest low) over n bars',
  degree: { price: 0, volume: 0 },
  make: () => makeWilliamsR(14),
}
