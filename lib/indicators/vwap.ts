import { type About, type Bar, type Indicator, makeIndicator } from './indicator.ts'
import { makeSumWindow } from './window.ts'

/**
 * Volume-weighted mean of the typical price (high + low + close)/3 over n bars; absent when none of
 * them traded.
 */
export function makeVwap(n: number): Indicator<Bar> {
  const flow = makeSumWindow(n)
  const volume = makeSumWindow(n)
  return makeIndicator<Bar>({
    warmup: n,
    scalars: 0,
    children: [flow, volume],
    apply: (bar, _was, _now, _bars, how) => {
      flow.put(((bar.high + bar.low + bar.close) / 3) * bar.volume, how)
      volume.put(bar.volume, how)
    },
    read: () => flow.read(0) / volume.read(0),
  })
}

export const about: About = {
  input: 'bar',
  definition: 'Σ typical price · volume / Σ volume over n bars',
  degree: { price: 1, volume: 0 },
  make: () => makeVwap(20),
}
