import { type About, type Bar, type Indicator, makeIndicator } from './indicator.ts'
import { makeSumWindow } from './window.ts'

/**
 * Volatility per bar from the high–low range (Parkinson 1980): sqrt(Σ ln(high/low)² / (4·n·ln 2)).
 * A fraction; about five times as efficient as close-to-close. Absent while a bar with low = 0 is
 * in the window.
 */
export function makeParkinson(n: number): Indicator<Bar> {
  const sum = makeSumWindow(n)
  return makeIndicator<Bar>({
    warmup: n,
    scalars: 0,
    children: [sum],
    apply: (bar, _was, _now, _bars, how) => sum.put(Math.log(bar.high / bar.low) ** 2, how),
    read: () => Math.sqrt(sum.read(0) / (4 * n * Math.LN2)),
  })
}

export const about: About = {
  input: 'bar',
  definition: 'σ per bar from high/low: sqrt(Σ ln(high/low)² / (4·n·ln 2))',
  degree: { price: 0, volume: 0 },
  make: () => makeParkinson(10),
}
