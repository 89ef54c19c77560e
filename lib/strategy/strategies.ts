import type { Flags } from '../base/flags.ts'
import { antiMartingale } from './anti-martingale.ts'
import type { Strategy } from './bar-strategy.ts'
import { candlestick } from './candlestick.ts'
import { dca } from './dca.ts'
import { trendReversal } from './trend-reversal.ts'

/** Every strategy. The only list of them. */
export const STRATEGIES: readonly Strategy[] = [candlestick, trendReversal, dca, antiMartingale]

/**
 * The flags of some strategies together. Throws a RangeError where two strategies, or one and
 * `taken`, call a flag the same.
 */
export function strategyFlags(strategies: readonly Strategy[], taken: readonly string[]): Flags {
  const all: Flags = {}
  for (const { name, flags = {} } of strategies)
    for (const [key, flag] of Object.entries(flags)) {
      if (Object.hasOwn(all, key) || taken.includes(key))
        throw new RangeError(`strategy ${name}: there is a flag ${key} already`)
      all[key] = flag
    }
  return all
}
