import { atMost, type Rule } from '../rule.ts'
import type { TradeCase } from '../trade-case.ts'

/** Equity with open positions at what they would bring now, against the highest realised equity. */
export const drawdown: Rule<TradeCase> = {
  name: 'drawdown',
  doc: 'fall of equity from its peak is at most --max-drawdown',
  unit: 'fraction',
  judge: ({ drawdown, limits }) => atMost(drawdown, limits.maxDrawdown),
}
