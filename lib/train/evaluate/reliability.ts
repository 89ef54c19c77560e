import { makeRng } from '../../base/rng.ts'
import { type Interval, wilson } from '../../maths/confidence-interval.ts'

interface ReliabilityBin {
  from: number
  to: number
  rows: number
  /** Mean probability said. */
  said: number
  /** Share that happened, with its Wilson interval. */
  happened: number
  interval: Interval
}

/**
 * Bin of a probability among equal widths, (low, high], 0 in the first (scikit-learn's
 * calibration_curve).
 */
export function binOf(p: number, bins: number): number {
  let k = Math.min(bins, Math.max(1, Math.ceil(p * bins))) - 1
  while (k > 0 && p <= k / bins) k--
  return k
}

function tally(label: ArrayLike<number>, p: ArrayLike<number>, bins: number) {
  const rows = new Int32Array(bins)
  const said = new Float64Array(bins)
  const happened = new Float64Array(bins)
  for (let i = 0; i < label.length; i++) {
    const k = binOf(p[i]!, bins)
    rows[k] = rows[k]! + 1
    said[k] = said[k]! + p[i]!
    happened[k] = happened[k]! + label[i]!
  }
  return { rows, said, happened }
}

/** What was said against what happened, per bin of equal width; empty bins are left out. */
export function reliability(
  label: ArrayLike<number>,
  p: ArrayLike<number>,
  bins = 10,
): ReliabilityBin[] {
  const { rows, said, happened } = tally(label, p, bins)
  return Array.from(rows, (n, k) => ({
    from: k / bins,
    to: (k + 1) / bins,
    rows: n,
    said: said[k]! / n,
    happened: happened[k]! / n,
    interval: wilson(happened[k]!, n),
  })).filter(bin => bin.rows > 0)
}

/** The same as the table of a bundle. */
export const reliabilityRows = (head: string, label: ArrayLike<number>, p: ArrayLike<number>) =>
  reliability(label, p).map(({ interval: [low, high], ...bin }) => ({ head, ...bin, low, high }))

/** Expected calibration error: Σ (n_b/n)·|happened − said| over bins of P(class 1). */
export function calibrationError(
  label: ArrayLike<number>,
  p: ArrayLike<number>,
  bins = 10,
): number {
  const { said, happened } = tally(label, p, bins)
  let sum = 0
  for (let k = 0; k < bins; k++) sum += Math.abs(happened[k]! - said[k]!)
  return sum / label.length
}

/**
 * The calibration error that a perfectly calibrated model would show on as many rows with these
 * probabilities: mean and 95th percentile over simulated labels. An error below it says nothing
 * against the model.
 */
export function calibrationFloor(
  p: ArrayLike<number>,
  { bins = 10, runs = 200, seed = 'floor' } = {},
): { mean: number; q95: number } {
  const rng = makeRng(seed)
  const label = new Float64Array(p.length)
  const values = new Float64Array(runs)
  for (let run = 0; run < runs; run++) {
    for (let i = 0; i < p.length; i++) label[i] = rng.next() < p[i]! ? 1 : 0
    values[run] = calibrationError(label, p, bins)
  }
  values.sort()
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / runs,
    q95: values[Math.floor(0.95 * runs)]!,
  }
}
