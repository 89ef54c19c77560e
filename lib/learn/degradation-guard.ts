import { bootstrapByGroup, wilson } from '../maths/confidence-interval.ts'
import { type Losses, meanOf } from '../maths/loss.ts'

/** What a model could do when it was tested. */
export interface Standard {
  /** Upper end of its loss: Brier score, or squared error of a number. */
  lossHigh: number
  /** Lower end of its accuracy; 0 for a number. */
  accuracyLow: number
}

export interface Health {
  rows: number
  loss: number
  lossLow: number
  /** Share of rows where it was right; absent for a number. */
  accuracy?: number
  accuracyLow?: number
  accuracyHigh?: number
  isDegraded: boolean
}

/** Fewest tokens to judge a model in use by. */
const GUARD_ROWS = 100
/** A guard looks every hour: its band is wide, so that chance does not pass it in a year. */
const LEVEL = 0.999

/**
 * How a model in use does, one row per token, newest rows. It is degraded when even the good end of
 * its noise band (99.9 %) is worse than the bad end of its test: the loss, or the accuracy.
 * Undefined with fewer than 100 rows.
 */
export function healthOf(
  { loss, right }: Losses,
  standard: Standard | undefined,
): Health | undefined {
  const rows = loss.length
  if (rows < GUARD_ROWS) return undefined
  const units = Int32Array.from(loss, (_, i) => i)
  const mean = meanOf(loss)
  const band = bootstrapByGroup(units, weight => meanOf(loss, weight), {
    runs: 4000,
    seed: 'guard',
    level: LEVEL,
  })
  const health = { rows, loss: mean, lossLow: band?.[0] ?? mean, ...accuracyOf(right) }
  const isFar = standard !== undefined && health.lossLow > standard.lossHigh
  const isWrong = standard !== undefined && (health.accuracyHigh ?? 1) < standard.accuracyLow
  return { ...health, isDegraded: isFar || isWrong }
}

function accuracyOf(right: Uint8Array | undefined) {
  if (right === undefined) return {}
  const hits = right.reduce((sum, one) => sum + one, 0)
  const [accuracyLow, accuracyHigh] = wilson(hits, right.length, LEVEL)
  return { accuracy: hits / right.length, accuracyLow, accuracyHigh }
}

/** What the bundle says of its test; undefined when it was not tested. */
export function standardOf(
  metrics: readonly { part: string; name: string; value: number; low?: number; high?: number }[],
): Standard | undefined {
  const of = (name: string) =>
    metrics.find(metric => metric.part === 'test' && metric.name === name)
  const [score, root, accuracy] = [of('brier'), of('rmse'), of('accuracy')]
  const accuracyLow = accuracy?.low ?? 0
  if (score !== undefined) return { lossHigh: score.high ?? score.value, accuracyLow }
  if (root !== undefined) return { lossHigh: (root.high ?? root.value) ** 2, accuracyLow }
  return accuracy === undefined ? undefined : { lossHigh: Number.POSITIVE_INFINITY, accuracyLow }
}
