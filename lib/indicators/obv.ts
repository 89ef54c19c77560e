import { type About, type Bar, type Indicator, makeIndicator } from './indicator.ts'
import { addExactly } from './total.ts'

/**
 * On-balance volume: running volume signed by the change of the close, starting with the first
 * volume (TA-Lib OBV).
 */
export function makeObv(): Indicator<Bar> {
  return makeIndicator<Bar>({
    warmup: 1,
    scalars: 3,
    apply: (bar, was, now, bars) => {
      now[0] = bar.close
      addExactly(was, now, 1, bars === 1 ? bar.volume : bar.volume * Math.sign(bar.close - was[0]!))
    },
    read: now => now[1]! + now[2]!,
  })
}

export const about: About = {
  input: 'bar',
  definition: 'running volume signed by the change of the close',
  degree: { price: 0, volume: 1 },
  make: makeObv,
}
