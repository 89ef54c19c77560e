import { type About, type Indicator, makeIndicator } from './indicator.ts'
import { makeWilder } from './wilder.ts'

/**
 * Relative strength index, 0–100 (Wilder 1978): 100·G/(G + L) of the Wilder means of gains and
 * losses. A market that has not moved at all is 50, neither bought nor sold; TA-Lib gives 0 there;
 * up to 0.4 it also called any G + L below 1e-14 "not at all", which a token priced at 1e-12 SOL
 * stays under for ever.
 */
export function makeRsi(n: number): Indicator<number> {
  const gains = makeWilder(n)
  const losses = makeWilder(n)
  return makeIndicator<number>({
    warmup: n + 1,
    scalars: 1,
    children: [gains, losses],
    apply: (x, was, now, bars, how) => {
      now[0] = x
      if (bars === 1) return
      const move = x - was[0]!
      gains[how](Math.max(move, 0))
      losses[how](Math.max(-move, 0))
    },
    read: () => {
      const up = gains.value()!
      const down = losses.value()!
      return up + down === 0 ? 50 : 100 * (up / (up + down))
    },
  })
}

export const about: About = {
  input: 'price',
  definition: '100·gain/(gain + loss) of Wilder means over n closes; 50 when nothing moved',
  degree: { price: 0, volume: 0 },
  make: () => makeRsi(14),
}
