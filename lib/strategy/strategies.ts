import { antiMartingale } from './anti-martingale.ts'
import type { Strategy } from './bar-strategy.ts'
import { candlestick } from './candlestick.ts'
import { dca } from './dca.ts'
import { trendReversal } from './trend-reversal.ts'

/** Every strategy. The only list of them. */
export const STRATEGIES: readonly Strategy[] = [candlestick, trendReversal, dca, antiMartingale]
