import { type About, type Indicator, makeIndicator } from './indicator.ts'
import { makeRing } from './window.ts'

/** Close minus the close n bars ago (TA-Lib MOM). Unit: that of the price. */
export function makeMomentum(n: number): Indicator<number> {
  const ring = makeRing(n + 1)
  return makeIndicator<number>({
    warmup: n + 1,
    scalars: 0,
    children: [ring],
    apply: (x, _was, _now, _bars, how) => ring.put(x, how),
    read: () => ring.back(0) - ring.back(n),
  })
}

export const about: About = {
  input: 'price',
  definition: 'close − close n bars ago',
  degree: { price: 1, volume: 0 },
  make: () => makeMomentum(10),
}
