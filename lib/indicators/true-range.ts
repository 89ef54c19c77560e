import { type About, type Bar, type Indicator, makeIndicator } from './indicator.ts'

/** Range of a bar including the gap from the last close (Wilder 1978). Unit: that of the price. */
export const trueRange = (bar: Bar, lastClose: number): number =>
  Math.max(bar.high - bar.low, Math.abs(bar.high - lastClose), Math.abs(bar.low - lastClose))

/** True range per bar, from the second bar on (TA-Lib TRANGE). */
export function makeTrueRange(): Indicator<Bar> {
  return makeIndicator<Bar>({
    warmup: 2,
    scalars: 2,
    apply: (bar, was, now) => {
      now[0] = bar.close
      now[1] = trueRange(bar, was[0]!)
    },
    read: now => now[1],
  })
}

export const about: About = {
  input: 'bar',
  definition: 'largest of high − low, |high − last close|, |low − last close|',
  degree: { price: 1, volume: 0 },
  make: makeTrueRange,
}
