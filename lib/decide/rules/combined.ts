import type { GateCase } from '../gate-case.ts'
import { atLeast, type Rule } from '../rule.ts'

/** Model, strategies and other scores together must be sure enough. */
export const combined: Rule<GateCase> = {
  name: 'combined',
  doc: 'weighted mean of the scores is at least --min-combined',
  unit: 'fraction',
  judge: ({ confidence, limits }) => atLeast(confidence, limits.minCombined),
}
