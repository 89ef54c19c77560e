import { type About, type Indicator, makeIndicator } from './indicator.ts'
import { makeMoments, SQUARES } from './window.ts'

/**
 * Standard deviation of the last n values. Population (divisor n) as TA-Lib STDDEV, or sample (n −
 * 1) for returns. Unit: that of the input.
 */
export function makeRollingSigma(n: number, { sample = false } = {}): Indicator<number> {
  const window = makeMoments(n)
  const divisor = sample ? n - 1 : n
  return makeIndicator<number>({
    warmup: n,
    scalars: 0,
    children: [window],
    apply: (x, _was, _now, _bars, how) => window.put(x, how),
    read: () => Math.sqrt(window.read(SQUARES) / divisor),
  })
}

export const about: About = {
  input: 'price',
  definition: 'standard deviation of the last n values',
  degree: { price: 1, volume: 0 },
  make: () => makeRollingSigma(5),
}
