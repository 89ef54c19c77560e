import type { Decision } from '../records/decision.ts'
import type { Rule } from './rule.ts'

/** What all rules together say. */
export interface Judgement {
  /** Names of rules that failed. */
  reasons: string[]
  /** Names of rules that could not be judged. */
  unknown: string[]
  /** Every rule with value and limit. */
  rules: NonNullable<Decision['rules']>
}

/** Judges a case by every rule in order; all of them, so that each refusal names every reason. */
export function judge<Case>(rules: readonly Rule<Case>[], input: Case): Judgement {
  const found: Judgement = { reasons: [], unknown: [], rules: [] }
  for (const rule of rules) {
    const verdict = rule.judge(input)
    found.rules.push({ rule: rule.name, ...verdict })
    if (verdict.result === 'fail') found.reasons.push(rule.name)
    else if (verdict.result === 'unknown') found.unknown.push(rule.name)
  }
  return found
}
