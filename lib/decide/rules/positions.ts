import { atMost, type Rule } from '../rule.ts'
import type { TradeCase } from '../trade-case.ts'

/** Buys in flight count: two of them must not both take the last place. */
export const positions: Rule<TradeCase> = {
  name: 'positions',
  doc: 'open positions and buys in flight stay at or below --max-positions',
  unit: 'count',
  judge: ({ positions, limits }) => atMost(positions + 1, limits.maxPositions),
}
