import type { Baseline } from '../alerts/baseline.ts'
import { exactTest } from '../maths/hypergeometric.ts'
import { normalDensity, normalQuantile } from '../maths/normal.ts'
import { jsDivergence, psi, shares, smoothed } from './divergence.ts'

/** Rows of a window by bin of the baseline, and those with an unknown value. */
export interface Counts {
  bins: readonly number[]
  missing: number
}

interface Drift {
  /** Chance of such a window, or a stranger one, without drift; of this number alone. */
  pValue: number
  psi: number
  /** Bits. */
  jsd: number
  jsDistance: number
  /** Mean of the known values in the normal scores of the baseline: σ that the middle has moved. */
  shift?: number
  above: boolean
}

interface DriftRules {
  /** What the p value of a number must not pass. */
  pLimit: number
  /** Rows that one independent row is worth, where tokens are not known. */
  rowsPerToken?: number
  /** Least Jensen–Shannon distance worth an alarm, however many rows there are. */
  jsFloor?: number
}

/** A shift of an eighth of σ, in the distance of Jensen and Shannon. */
export const JS_FLOOR = 0.05

/**
 * Compares a window with the baseline by Fisher’s exact test at every border between bins, in every
 * bin, and for unknown values; the least p value counts as often as tests were made (Bonferroni),
 * so it holds for windows of any size. `above` needs that and an effect worth an alarm.
 */
export function judgeDrift(baseline: Baseline, counts: Counts, rules: DriftRules): Drift {
  const { pLimit, rowsPerToken = 1, jsFloor = JS_FLOOR } = rules
  const live = [...counts.bins, counts.missing]
  const reference = [...baseline.shares, baseline.missingShare].map(share => share * baseline.rows)
  const pValue = leastOf(
    reference.map(rows => Math.round(rows / rowsPerToken)),
    live.map(rows => Math.round(rows / rowsPerToken)),
  )
  // Cells that neither side has rows in say nothing.
  const used = live.flatMap((rows, k) => (rows > 0 || reference[k]! > 0 ? [k] : []))
  const [expected, observed] = [used.map(k => reference[k]!), used.map(k => live[k]!)]
  const jsd = jsDivergence(shares(expected), shares(observed))
  const shift = shiftOf(baseline.shares, counts.bins)
  return {
    pValue,
    psi: psi(smoothed(expected), smoothed(observed)),
    jsd,
    jsDistance: Math.sqrt(jsd),
    ...(shift === undefined ? {} : { shift }),
    above: pValue <= pLimit && Math.sqrt(jsd) >= jsFloor,
  }
}

/** The least p value over all ways to part the cells that are tested, times their number. */
function leastOf(reference: readonly number[], live: readonly number[]): number {
  const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0)
  const known = live.length - 1
  const [n, m] = [sum(reference), sum(live)]
  const [knownN, knownM] = [n - reference[known]!, m - live[known]!]
  const tests: number[] = [exactTest({ x: live[known]!, m, r: reference[known]!, n })]
  let [r, x] = [0, 0]
  for (let k = 0; k < known; k++) {
    r += reference[k]!
    x += live[k]!
    if (k < known - 1) tests.push(exactTest({ x, m: knownM, r, n: knownN }))
    // The outer bins are a border each already.
    if (k > 0 && k < known - 1)
      tests.push(exactTest({ x: live[k]!, m: knownM, r: reference[k]!, n: knownN }))
  }
  return Math.min(1, Math.min(...tests) * tests.length)
}

/** Mean normal score of the live rows, each at the mean score of its bin; undefined without any. */
export function shiftOf(reference: readonly number[], bins: readonly number[]): number | undefined {
  const known = reference.reduce((sum, share) => sum + share, 0)
  const rows = bins.reduce((sum, count) => sum + count, 0)
  if (known === 0 || rows === 0) return undefined
  let [below, total] = [0, 0]
  for (let k = 0; k < bins.length; k++) {
    const share = reference[k]! / known
    const [from, to] = [below, Math.min(1, below + share)].map(p =>
      p <= 0 || p >= 1 ? 0 : normalDensity(normalQuantile(p)),
    )
    // A bin that training had no rows in has no mean score: its border counts.
    const score = share > 0 ? (from! - to!) / share : normalQuantile(clamp(below))
    total += score * bins[k]!
    below += share
  }
  return total / rows
}

const clamp = (p: number): number => Math.min(0.999, Math.max(0.001, p))
