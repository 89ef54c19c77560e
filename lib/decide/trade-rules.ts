import type { Rule } from './rule.ts'
import { cash } from './rules/cash.ts'
import { clock } from './rules/clock.ts'
import { dailyLoss } from './rules/daily-loss.ts'
import { drawdown } from './rules/drawdown.ts'
import { duplicate } from './rules/duplicate.ts'
import { killSwitch } from './rules/kill-switch.ts'
import { perDay } from './rules/per-day.ts'
import { perTrade } from './rules/per-trade.ts'
import { positions } from './rules/positions.ts'
import { stale } from './rules/stale.ts'
import { streak } from './rules/streak.ts'
import { unknown } from './rules/unknown.ts'
import type { TradeCase } from './trade-case.ts'

/**
 * The rules of `execute` before a buy, in the order in which they are judged and reported. The only
 * list of them.
 */
export const TRADE_RULES: readonly Rule<TradeCase>[] = [
  positions,
  cash,
  perTrade,
  perDay,
  dailyLoss,
  drawdown,
  streak,
  killSwitch,
  stale,
  unknown,
  duplicate,
  clock,
]
