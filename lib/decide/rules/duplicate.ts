import { holds, type Rule } from '../rule.ts'
import type { TradeCase } from '../trade-case.ts'

/** One decision buys once, and a token is bought once at a time. */
export const duplicate: Rule<TradeCase> = {
  name: 'duplicate',
  doc: 'decision is new, and the token is neither held nor being bought',
  unit: 'boolean',
  judge: ({ isDuplicate }) => holds(!isDuplicate),
}
