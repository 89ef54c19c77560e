import { holds, type Rule } from '../rule.ts'
import type { TradeCase } from '../trade-case.ts'

/** A size that came out wrong is refused, not cut: something upstream is broken. */
export const perTrade: Rule<TradeCase> = {
  name: 'per-trade',
  doc: 'size is above 0 and at most --max-per-trade',
  unit: 'boolean',
  judge: ({ size, limits }) => holds(size > 0n && size <= limits.maxPerTrade),
}
