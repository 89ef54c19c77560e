import { type About, type Bar, type Indicator, makeIndicator } from './indicator.ts'
import { trueRange } from './true-range.ts'
import { makeWilder } from './wilder.ts'

/**
 * Average true range: Wilder mean of true ranges, the first from the second bar (TA-Lib ATR). Unit:
 * of the price.
 */
export function makeAtr(n: number): Indicator<Bar> {
  const mean = makeWilder(n)
  return makeIndicator<Bar>({
    warmup: n + 1,
    scalars: 1,
    children: [mean],
    apply: (bar, was, now, bars, how) => {
      now[0] = bar.close
      if (bars > 1) mean[how](trueRange(bar, was[0]!))
    },
    read: () => mean.value(),
  })
}

export const about: About = {
  input: 'bar',
  definition: 'Wilder mean of n true ranges',
  degree: { price: 1, volume: 0 },
  make: () => makeAtr(14),
}
