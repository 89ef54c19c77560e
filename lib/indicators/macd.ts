import { makeEma } from './ema.ts'
import { type About, finite, type Indicator, makeIndicator } from './indicator.ts'

export interface Macd extends Indicator<number> {
  readonly signalWarmup: number
  signal(): number | undefined
  /** Line minus signal. */
  histogram(): number | undefined
}

/**
 * Moving average convergence divergence: EMA(fast) − EMA(slow); the signal is its EMA. As in TA-Lib
 * both averages start at the same bar: the fast one is seeded with the mean of the last `fast` of
 * the first `slow` closes, so bar 26 of (12, 26, 9) is the first value and bar 34 the first signal.
 * Unit: that of the price.
 */
export function makeMacd(fast = 12, slow = 26, smooth = 9): Macd {
  const quick = makeEma(fast)
  const calm = makeEma(slow)
  const trigger = makeEma(smooth)
  const line = (): number => quick.value()! - calm.value()!
  const core = makeIndicator<number>({
    warmup: slow,
    scalars: 0,
    children: [quick, calm, trigger],
    apply: (x, _was, _now, bars, how) => {
      calm[how](x)
      if (bars > slow - fast) quick[how](x)
      if (bars >= slow) trigger[how](line())
    },
    read: line,
  })
  return {
    ...core,
    signalWarmup: slow + smooth - 1,
    signal: () => trigger.value(),
    histogram: () => {
      const signal = trigger.value()
      return signal === undefined ? undefined : finite(line() - signal)
    },
  }
}

export const about: About = {
  input: 'price',
  definition: 'EMA12 − EMA26 of closes, both started at bar 26; signal EMA9 of it',
  degree: { price: 1, volume: 0 },
  make: () => makeMacd(),
}
