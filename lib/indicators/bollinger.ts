import { type About, finite, type Indicator, makeIndicator } from './indicator.ts'
import { MEAN, makeMoments, SQUARES } from './window.ts'

export interface Bollinger extends Indicator<number> {
  upper(): number | undefined
  lower(): number | undefined
  /** (upper − lower) / middle, a fraction; absent when the middle is 0. */
  width(): number | undefined
}

/**
 * Bollinger bands: mean of n closes ± k population standard deviations (TA-Lib BBANDS). `value` is
 * the middle.
 */
export function makeBollinger(n = 20, k = 2): Bollinger {
  const window = makeMoments(n)
  const core = makeIndicator<number>({
    warmup: n,
    scalars: 0,
    children: [window],
    apply: (x, _was, _now, _bars, how) => window.put(x, how),
    read: () => window.read(MEAN),
  })
  const band = (sign: number): number | undefined => {
    const middle = core.value()
    return middle === undefined
      ? undefined
      : finite(middle + sign * k * Math.sqrt(window.read(SQUARES) / n))
  }
  return {
    ...core,
    upper: () => band(1),
    lower: () => band(-1),
    width: () => {
      const middle = core.value()
      return middle === undefined
        ? undefined
        : finite((2 * k * Math.sqrt(window.read(SQUARES) / n)) / middle)
    },
  }
}

export const about: About = {
  input: 'price',
  definition: 'mean of n closes ± 2 population σ; width = (upper − lower)/middle',
  degree: { price: 1, volume: 0 },
  make: () => makeBollinger(),
}
