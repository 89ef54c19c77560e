import { holds, type Rule } from '../rule.ts'
import type { TradeCase } from '../trade-case.ts'

/** Bounds what a runaway signal can spend before somebody looks. */
export const perDay: Rule<TradeCase> = {
  name: 'per-day',
  doc: 'spent since midnight UTC, buys in flight and this one included, is at most --max-per-day',
  unit: 'boolean',
  judge: ({ size, spentToday, limits }) => holds(spentToday + size <= limits.maxPerDay),
}
