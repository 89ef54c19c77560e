import { bootstrapByGroup, wilson } from '../train/metrics/interval.ts'
import { brier } from '../train/metrics/proper.ts'

/** What a model could do when it was tested. */
export interface Standard {
  /** Upper end of its Brier score. */
  brierHigh: number
  /** Lower end of its accuracy at the threshold. */
  accuracyLow: number
}

export interface Health {
  rows: number
  accuracy: number
  accuracyLow: number
  accuracyHigh: number
  brier: number
  brierLow: number
  isDegraded: boolean
}

/** Fewest tokens to judge a model in use by. */
export const GUARD_ROWS = 100
/** A guard looks every hour: its band is wide, so that chance does not pass it in a year. */
const LEVEL = 0.999

/**
 * How a model in use does, one row per token, newest rows. It is degraded when even the good end of its noise band (99.9 %)
 * is worse than the bad end of its test: the Brier score, or the accuracy. Undefined with fewer than 100 rows.
 */
export function healthOf(
  label: Float64Array,
  p: Float64Array,
  threshold: number,
  standard: Standard | undefined,
): Health | undefined {
  const rows = label.length
  if (rows < GUARD_ROWS) return undefined
  const right = label.reduce((sum, y, i) => sum + ((p[i] as number) >= threshold === (y === 1) ? 1 : 0), 0)
  const units = Int32Array.from(label, (_, i) => i)
  const score = brier(label, p)
  const options = { runs: 4000, seed: 'guard', level: LEVEL }
  const band = bootstrapByGroup(units, weight => brier(label, p, weight), options)
  const [accuracyLow, accuracyHigh] = wilson(right, rows, LEVEL)
  const brierLow = band?.[0] ?? score
  const isDegraded = standard !== undefined && (brierLow > standard.brierHigh || accuracyHigh < standard.accuracyLow)
  return { rows, accuracy: right / rows, accuracyLow, accuracyHigh, brier: score, brierLow, isDegraded }
}
