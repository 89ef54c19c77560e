import type { GateCase } from '../gate-case.ts'
import { atMost, type Rule } from '../rule.ts'

/** Our own order must not be what moves the price. */
export const impact: Rule<GateCase> = {
  name: 'impact',
  doc: 'price impact of the planned size on the newest reserves is at most --max-impact',
  unit: 'fraction',
  judge: ({ impact, limits }) => atMost(impact, limits.maxImpact),
}
