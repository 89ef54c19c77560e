import { DataError } from '../../base/errors.ts'
import { kebab } from '../../base/flags.ts'
import type { GateRule } from '../../decide/gate-case.ts'
import { SCORE_RULES } from '../../decide/gate-rules.ts'
import { tidy } from '../../market/ratio.ts'
import { type Interval, wilson } from '../../maths/confidence-interval.ts'
import type { Outcome } from '../labelled.ts'
import { type MeanNet, meanNet } from '../refusals.ts'
import type { TuneFlags } from './tune-flags.ts'

/** A rule of gate that judges by a score, by its name. Only these can be tuned. */
const scoreRule = (name: string): GateRule => SCORE_RULES.find(rule => rule.name === name)!

/** `--min-combined` of combined. */
export const thresholdFlag = (rule: string): string => `--${kebab(scoreRule(rule).score!.flag)}`

/** Lines that may be looked at, and how many were put aside. */
export interface ValidationSlice {
  rows: Outcome[]
  /**
   * Earlier lines, for training; later ones, for the final test; and those whose outcome reaches
   * into the test.
   */
  earlier: number
  later: number
  purged: number
  from: number
  to: number
}

/**
 * The stretch of time before the last `test` share of the lines: thresholds are chosen here, and
 * the test stays unseen. A line whose outcome was known only in the test's time is left out. Rows
 * must be in order of time.
 */
export function validationSlice(
  rows: readonly Outcome[],
  shares: Pick<TuneFlags, 'valid' | 'test'>,
): ValidationSlice {
  const end = Math.floor(rows.length * (1 - shares.test))
  const start = Math.max(0, Math.floor(rows.length * (1 - shares.test - shares.valid)))
  const testFrom = rows[end]?.ts ?? Number.POSITIVE_INFINITY
  const seen = rows.slice(start, end).filter(({ ts }) => ts < testFrom)
  const kept = seen.filter(({ availableAt }) => availableAt <= testFrom)
  const [from, to] = [kept[0]?.ts ?? 0, kept.at(-1)?.ts ?? 0]
  return {
    rows: kept,
    earlier: start,
    later: rows.length - end,
    purged: seen.length - kept.length,
    from,
    to,
  }
}

/** One threshold and what the lines that pass it came to. */
export interface ThresholdRow {
  threshold: number
  /** Lines that pass it and every other rule. */
  passed: number
  /** Share of them with a profit after costs; absent when nothing passes. */
  precision?: { value: number; interval: Interval }
  /** Share of all profitable candidates that pass; absent when none is profitable. */
  recall?: { value: number; interval: Interval }
  /** Expected profit after costs per trade, with its interval over tokens. */
  profit: MeanNet
}

/** Fewer say nothing. */
const LEAST_ROWS = 100
const LEAST_PROFITABLE = 20

/**
 * The curve of a rule over thresholds. Candidates are the lines that no other rule refused, so that
 * the curve tells about this threshold and not about the others. Throws a DataError naming the
 * counts when there are too few.
 */
export function thresholdCurve(
  rule: string,
  rows: readonly Outcome[],
  steps: readonly number[],
  seed: string,
): ThresholdRow[] {
  const { reason, score } = scoreRule(rule)
  const { of, isLeast } = score!
  const candidates = rows.filter(
    row =>
      of(row.decision) !== undefined &&
      row.decision.act !== 'sell' &&
      row.decision.reasons.every(each => each === reason),
  )
  const profitable = candidates.filter(({ net }) => net > 0).length
  if (candidates.length < LEAST_ROWS || profitable < LEAST_PROFITABLE)
    throw new DataError(
      `expected at least ${LEAST_ROWS} candidates in the validation slice, ` +
        `${LEAST_PROFITABLE} of them profitable, ` +
        `got ${candidates.length} with ${profitable}`,
    )
  return steps.map(threshold => {
    const passes = (row: Outcome): boolean => {
      const at = of(row.decision)!
      return isLeast ? at >= threshold : at <= threshold
    }
    return rowOf(threshold, candidates.filter(passes), profitable, seed)
  })
}

function rowOf(
  threshold: number,
  passed: readonly Outcome[],
  profitable: number,
  seed: string,
): ThresholdRow {
  const hits = passed.filter(({ net }) => net > 0).length
  const share = (k: number, n: number) => ({ value: tidy(k / n), interval: wilson(k, n) })
  return {
    threshold,
    passed: passed.length,
    ...(passed.length > 0 && { precision: share(hits, passed.length) }),
    ...(profitable > 0 && { recall: share(hits, profitable) }),
    profit: meanNet(passed, seed),
  }
}

/**
 * The threshold whose profit is surest: the highest lower end of the interval, the first of equals.
 */
export function surest(curve: readonly ThresholdRow[]): ThresholdRow | undefined {
  const known = curve.filter(({ profit }) => profit.interval !== undefined)
  const low = ({ profit }: ThresholdRow): number => profit.interval?.[0] ?? Number.NEGATIVE_INFINITY
  return known.reduce<ThresholdRow | undefined>(
    (best, row) => (best === undefined || low(row) > low(best) ? row : best),
    undefined,
  )
}
