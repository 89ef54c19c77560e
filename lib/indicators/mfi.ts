import { type About, type Bar, type Indicator, makeIndicator } from './indicator.ts'
import { makeSumWindow } from './window.ts'

const typical = (bar: Bar): number => (bar.high + bar.low + bar.close) / 3

/** Below this share of all flow, the signed flow is rounding and not money. */
const EPSILON = 1e-12

/**
 * Money flow index, 0–100: 100·P/(P + N) of typical price · volume signed by the change of the
 * typical price over n bars; an equal typical price counts on neither side. TA-Lib up to 0.4
 * answers 0 whenever P + N < 1.0, which in SOL is nearly always (0.8 no longer does): here the
 * limit is relative to all flow of the window, and a window without signed flow is 50, neither.
 */
export function makeMfi(n: number): Indicator<Bar> {
  const up = makeSumWindow(n)
  const down = makeSumWindow(n)
  const all = makeSumWindow(n)
  return makeIndicator<Bar>({
    warmup: n + 1,
    scalars: 1,
    children: [up, down, all],
    apply: (bar, was, now, bars, how) => {
      const price = typical(bar)
      now[0] = price
      if (bars === 1) return
      const move = price - was[0]!
      const flow = price * bar.volume
      up.put(move > 0 ? flow : 0, how)
      down.put(move < 0 ? flow : 0, how)
      all.put(flow, how)
    },
    read: () => {
      const plus = up.read(0)
      const signed = plus + down.read(0)
      return signed <= EPSILON * all.read(0) ? 50 : 100 * (plus / signed)
    },
  })
}

export const about: About = {
  input: 'bar',
  definition:
    '100·P/(P + N) of typical price · volume signed by its change over n bars; 50 without ' +
    'signed flow',
  degree: { price: 0, volume: 0 },
  make: () => makeMfi(14),
}
