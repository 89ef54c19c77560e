import { type About, type Bar, type Indicator, makeIndicator } from './indicator.ts'
import { addExactly } from './total.ts'

/**
 * Volume price trend: running volume times return of the close, from the second bar. A last close
 * of 0 adds nothing.
 */
export function makeVpt(): Indicator<Bar> {
  return makeIndicator<Bar>({
    warmup: 2,
    scalars: 3,
    apply: (bar, was, now) => {
      const last = was[0]!
      now[0] = bar.close
      addExactly(was, now, 1, last > 0 ? bar.volume * ((bar.close - last) / last) : 0)
    },
    read: now => now[1]! + now[2]!,
  })
}

export const about: About = {
  input: 'bar',
  definition: 'running sum of volume · return of the close',
  degree: { price: 0, volume: 1 },
  make: makeVpt,
}
