import type { GateCase } from '../gate-case.ts'
import { atLeast, PASS, type Rule } from '../rule.ts'

/**
 * The model itself must be sure. Without one the strategies decide alone, unless a model is
 * required.
 */
export const confidence: Rule<GateCase> = {
  name: 'confidence',
  doc: 'score of the model is at least --min-confidence; no model fails only with --ml-required',
  unit: 'fraction',
  judge: ({ ml, modelScore, limits }) => {
    if (modelScore !== undefined) return atLeast(modelScore, limits.minConfidence)
    return ml === 'required' ? { result: 'fail', limit: limits.minConfidence } : PASS
  },
}
