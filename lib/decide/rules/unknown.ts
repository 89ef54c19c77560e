import { holds, PASS, type Rule } from '../rule.ts'
import type { TradeCase } from '../trade-case.ts'

/** What nobody could check is not safe. Always on in live trading; on paper by --strict-unknown. */
export const unknown: Rule<TradeCase> = {
  name: 'unknown',
  doc: 'gate could judge all its rules (with --strict-unknown)',
  unit: 'boolean',
  judge: ({ unknown, limits }) => (limits.strictUnknown ? holds(unknown.length === 0) : PASS),
}
