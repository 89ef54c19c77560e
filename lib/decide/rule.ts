import type { Flags, Values } from '../base/flags.ts'

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

/**
 * One reason not to trade, declared in one place: flags, `--without`, help, reference and config
 * hash follow from it.
 */
export interface Declared<Facts, F extends Flags> {
  /** Kebab case; `--without` and `decision.unknown` call it by this name. */
  name: string
  /** Changes whenever the same facts would be judged differently; part of the config hash; 1. */
  version?: string
  /** What holds when it passes. */
  doc: string
  /** Unit of value and limit. */
  unit: string
  /**
   * Its thresholds by camelCase name. A flag that belongs to more than this rule is declared where
   * it belongs and named here too.
   */
  flags?: F
  /**
   * False = it applies only when one of its flags is given (it needs one without a default, or a
   * switch); true unless said.
   */
  on?: boolean
  /**
   * When it cannot be judged. In gate its name then stands in `decision.unknown`, which blocks a
   * live buy and, with --strict-unknown, one on paper; in execute it blocks the buy at once.
   */
  unknown: string
  /** Its word in `reasons`; the name unless said. */
  reason?: string
  /** The same where it fails since there is nothing to measure; the reason unless said. */
  reasonIfNone?: string
  /** Pure: the same facts and limits give the same verdict. */
  judge(facts: Facts, limits: Values<F>): Verdict
}

/** A declaration with everything said. */
export interface Rule<Facts, F extends Flags = Flags> extends Declared<Facts, F> {
  version: string
  flags: F
  on: boolean
  reason: string
  reasonIfNone: string
}

/** Says what a declaration leaves out. */
export const completed = <Facts, F extends Flags, D extends Declared<Facts, F>>(
  declared: D & Declared<Facts, F>,
) => ({
  ...declared,
  version: declared.version ?? '1',
  flags: declared.flags ?? ({} as F),
  on: declared.on ?? true,
  reason: declared.reason ?? declared.name,
  reasonIfNone: declared.reasonIfNone ?? declared.reason ?? declared.name,
})

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
