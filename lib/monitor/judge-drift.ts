import type { Baseline } from '../alerts/baseline.ts'
import { chiSquareQuantile } from '../maths/chi-square.ts'
import { jsDivergence, psi, shares, smoothed } from './divergence.ts'

/** Rows of a window by bin of the baseline, and those with an unknown value. */
export interface Counts {
  bins: readonly number[]
  missing: number
}

interface Drift {
  psi: number
  /** Bits. */
  jsd: number
  jsDistance: number
  /** What PSI and distance must both pass at this sample size. */
  limit: number
  jsLimit: number
  above: boolean
  /** Cells that were compared, after those too small to say anything were joined. */
  cells: number
}

export interface DriftRules {
  /**
   * Numbers tested in this run: the chance of any false alarm is shared between them (Bonferroni).
   */
  tests: number
  /** Chance of one or more false alarms in a window. */
  alpha?: number
  /** Least PSI and least distance worth an alarm, however many rows there are. */
  psiFloor?: number
  jsFloor?: number
}

/** Fewest rows in a window that can be judged. */
export const LEAST_ROWS = 200

/**
 * Compares a window with the baseline. Without drift PSI ≈ (1/n + 1/m)·χ² with cells − 1 degrees of
 * freedom (Yurdakul 2018), and JSD in bits ≈ PSI / (8 ln 2); an alarm needs PSI above that bound at
 * alpha/tests and above the least effect, and the same of the Jensen–Shannon distance.
 */
export function judgeDrift(baseline: Baseline, counts: Counts, rules: DriftRules): Drift {
  const { tests, alpha = 0.05, psiFloor = 0.1, jsFloor = 0.1 } = rules
  const live = counts.bins.reduce((sum, count) => sum + count, counts.missing)
  const [expected, observed] = joinCells(baseline, counts, live)
  const spread = 1 / baseline.rows + 1 / live
  const bound = chiSquareQuantile(alpha / tests, expected.length - 1) * spread
  const reference = expected.map(count => (count * baseline.rows) / live)
  const jsd = jsDivergence(shares(expected), shares(observed))
  const drift = {
    psi: psi(smoothed(reference), smoothed(observed)),
    jsd,
    jsDistance: Math.sqrt(jsd),
    limit: Math.max(psiFloor, bound),
    jsLimit: Math.max(jsFloor, Math.sqrt(bound / (8 * Math.LN2))),
    cells: expected.length,
  }
  return { ...drift, above: drift.psi > drift.limit && drift.jsDistance > drift.jsLimit }
}

/** Rows below which the χ² bound does not hold for a cell. */
const LEAST_CELL = 5

/**
 * Expected and observed rows per cell. Neighbouring bins are joined until one of the two has five
 * rows; unknown values stay apart, or join the last bin when there are next to none.
 */
function joinCells(
  { shares: reference, missingShare }: Baseline,
  { bins, missing }: Counts,
  live: number,
) {
  const expected: number[] = []
  const observed: number[] = []
  let [e, o] = [0, 0]
  const close = (): void => {
    expected.push(e)
    observed.push(o)
    e = o = 0
  }
  for (let k = 0; k < bins.length; k++) {
    e += reference[k]! * live
    o += bins[k]!
    if (Math.max(e, o) >= LEAST_CELL) close()
  }
  const isApart = Math.max(missingShare * live, missing) >= LEAST_CELL
  if (!isApart) {
    e += missingShare * live
    o += missing
  }
  if (e + o > 0 && expected.length > 0) {
    expected[expected.length - 1] = expected.at(-1)! + e
    observed[observed.length - 1] = observed.at(-1)! + o
  } else if (e + o > 0) close()
  if (isApart) {
    expected.push(missingShare * live)
    observed.push(missing)
  }
  return [expected, observed] as const
}
