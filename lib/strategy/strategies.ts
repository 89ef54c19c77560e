import { antiMartingale } from './anti-martingale.ts'
import { candlestick } from './candlestick.ts'
import { dca } from './dca.ts'
import type { Strategy } from './strategy.ts'
import { trendReversal } from './trend-reversal.ts'

/** Every strategy. The only list of them. */
export const STRATEGIES: readonly Strategy[] = [candlestick, trendReversal, dca, antiMartingale]
