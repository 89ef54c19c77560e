import { type About, type Bar, type Indicator, makeIndicator } from './indicator.ts'
import { makeSma } from './sma.ts'
import { makeHighest, makeLowest } from './window.ts'

export interface Stochastic extends Indicator<Bar> {
  readonly dWarmup: number
  /** Mean of the last values of K. */
  d(): number | undefined
}

/**
 * Slow stochastic, 0–100: where the close stands in the range of n bars, smoothed (K), and smoothed
 * again (D). A window without range counts as 0 (TA-Lib STOCH; it gives K only once D exists, this
 * from its own warm-up on).
 */
export function makeStochastic(n = 5, slowK = 3, slowD = 3): Stochastic {
  const highest = makeHighest(n)
  const lowest = makeLowest(n)
  const k = makeSma(slowK)
  const d = makeSma(slowD)
  const core = makeIndicator<Bar>({
    warmup: n + slowK - 1,
    scalars: 0,
    children: [highest, lowest, k, d],
    apply: (bar, _was, _now, bars, how) => {
      highest.put(bar.high, how)
      lowest.put(bar.low, how)
      if (bars < n) return
      const low = lowest.read(0)
      const range = highest.read(0) - low
      k[how](range === 0 ? 0 : 100 * ((bar.close - low) / range))
      if (bars >= n + slowK - 1) d[how](k.value() ?? 0)
    },
    read: () => k.value(),
  })
  return { ...core, dWarmup: n + slowK + slowD - 2, d: () => d.value() }
}

export const about: About = {
  input: 'bar',
  definition:
    '100·(close − lowest low)/(highest high − lowest low) over n bars, mean of 3; D = mean ' +
    'of 3 of it',
  degree: { price: 0, volume: 0 },
  make: () => makeStochastic(),
}
