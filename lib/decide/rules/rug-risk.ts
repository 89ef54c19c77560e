import type { GateCase } from '../gate-case.ts'
import { atMost, PASS, type Rule } from '../rule.ts'

/**
 * No model may see a rug coming. Unknown without a rug head; does not apply when predictions are
 * switched off.
 */
export const rugRisk: Rule<GateCase> = {
  name: 'rug-risk',
  doc: 'highest rug probability of any model is at most --max-rug-risk',
  unit: 'fraction',
  judge: ({ ml, rugRisk, limits }) => (ml === 'off' ? PASS : atMost(rugRisk, limits.maxRugRisk)),
}
