import type { Decision } from '../records/decision.ts'
import type { Rule } from './rule.ts'
import { type Bound, verdictOf } from './rule-table.ts'

/** What all rules together say. */
interface Judgement {
  /** Words of the rules that failed. */
  reasons: string[]
  /** Names of rules that could not be judged. */
  unknown: string[]
  /** Every rule with value and limit. */
  rules: NonNullable<Decision['rules']>
}

/** Judges a case by every rule in order; all of them, so that each refusal names every reason. */
export function judge<Facts>(rules: readonly Bound<Rule<Facts>>[], facts: Facts): Judgement {
  const found: Judgement = { reasons: [], unknown: [], rules: [] }
  for (const bound of rules) {
    const { name, reason, reasonIfNone } = bound.rule
    const verdict = verdictOf(bound, facts)
    const isNone = verdict.value === undefined
    found.rules.push({ rule: name, ...verdict })
    if (verdict.result === 'fail') found.reasons.push(isNone ? reasonIfNone : reason)
    else if (verdict.result === 'unknown') found.unknown.push(name)
  }
  return found
}
