import { type About, type Indicator, makeIndicator } from './indicator.ts'
import { MEAN, makeMoments } from './window.ts'

/** Simple moving average of the last n prices (TA-Lib SMA). Unit: that of the input. */
export function makeSma(n: number): Indicator<number> {
  const window = makeMoments(n)
  return makeIndicator<number>({
    warmup: n,
    scalars: 0,
    children: [window],
    apply: (x, _was, _now, _bars, how) => window.put(x, how),
    read: () => window.read(MEAN),
  })
}

export const about: About = {
  input: 'price',
  definition: 'mean of the last n closes',
  degree: { price: 1, volume: 0 },
  make: () => makeSma(10),
}
