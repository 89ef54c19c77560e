/**
 * What a rule says of one case. `unknown` = the data to judge by are missing; it never counts as a
 * pass in live trading.
 */
export interface Verdict {
  result: 'pass' | 'fail' | 'unknown'
  /** What was measured, in the unit of the rule. */
  value?: number
  /** What was allowed, in the unit of the rule. */
  limit?: number
}

/** One reason not to trade: a file in lib/decide/rules, judged alone, reported by name. */
export interface Rule<Case> {
  name: string
  doc: string
  /** Unit of value and limit. */
  unit: string
  judge(input: Case): Verdict
}

/** Passes values up to the limit; NaN fails, an absent value is unknown. */
export const atMost = (value: number | undefined, limit: number): Verdict =>
  value === undefined
    ? { result: 'unknown', limit }
    : { result: value <= limit ? 'pass' : 'fail', value, limit }

/** Passes values from the limit on; NaN fails, an absent value is unknown. */
export const atLeast = (value: number | undefined, limit: number): Verdict =>
  value === undefined
    ? { result: 'unknown', limit }
    : { result: value >= limit ? 'pass' : 'fail', value, limit }

/** Passes true, fails false; an absent fact is unknown. */
export const holds = (fact: boolean | undefined): Verdict =>
  fact === undefined
    ? { result: 'unknown' }
    : { result: fact ? 'pass' : 'fail', value: fact ? 1 : 0, limit: 1 }

/** The rule does not apply to this case. */
export const PASS: Verdict = { result: 'pass' }
