import { logChange } from '../maths/betting.ts'
import { wilson } from '../maths/confidence-interval.ts'
import { type Aim, type Losses, meanOf } from '../maths/loss.ts'
import type { Bundle } from '../model/bundle.ts'

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
  /** Share of rows where it was right; absent for a number. */
  accuracy?: number
  accuracyLow?: number
  accuracyHigh?: number
  /** Mean of what was said of yes, and the share in which it came. */
  said?: number
  happened?: number
  isDegraded: boolean
}

/** Fewest tokens to judge a model in use by, unless --guard-rows says others. */
const GUARD_ROWS = 100
/** Of the interval of the accuracy that is told. */
const LEVEL = 0.95
/**
 * Each of two detectors (loss, accuracy) is false once in so many tokens: together once in 100,000,
 * which is years of looking every hour.
 */
const TOKENS_TO_FALSE = 200_000

/**
 * How a model in use does, one row per token, oldest first. It is degraded when its newest tokens
 * are worse than the bad end of its test by more than chance: the loss, or the accuracy. Looked at
 * as often as one likes (lib/maths/betting.ts). Undefined with fewer than `least` rows.
 */
export function healthOf(
  { loss, right }: Losses,
  aim: Aim,
  standard: Standard | undefined,
  least = GUARD_ROWS,
): Health | undefined {
  const rows = loss.length
  if (rows < least) return undefined
  const isAlarm = (excess: Float64Array): boolean => logChange(excess) >= Math.log(TOKENS_TO_FALSE)
  const isFar =
    standard !== undefined &&
    Number.isFinite(standard.lossHigh) &&
    isAlarm(excessOf(loss, aim, standard.lossHigh))
  const isWrong =
    standard !== undefined &&
    right !== undefined &&
    isAlarm(Float64Array.from(right, hit => standard.accuracyLow - hit))
  return { rows, loss: meanOf(loss), ...accuracyOf(right), isDegraded: isFar || isWrong }
}

/**
 * By how much each loss is above the standard, from −1 to 1. A squared error has no bound; its
 * share (loss − high) / (loss + high) has, and its mean is above 0 only where that of the loss is
 * above the standard (it is concave in the loss).
 */
const excessOf = (loss: Float64Array, aim: Aim, high: number): Float64Array =>
  loss.map(one => {
    if (aim === 'numbers') return one + high > 0 ? (one - high) / (one + high) : 0
    return (one - high) / (aim === 'binary' ? 1 : 2)
  })

function accuracyOf(right: Uint8Array | undefined) {
  if (right === undefined) return {}
  const hits = right.reduce((sum, one) => sum + one, 0)
  const [accuracyLow, accuracyHigh] = wilson(hits, right.length, LEVEL)
  return { accuracy: hits / right.length, accuracyLow, accuracyHigh }
}

type Measured = Pick<Bundle['metrics'][number], 'head' | 'part' | 'name' | 'value' | 'low' | 'high'>

/**
 * What the bundle says of its test; undefined when it was not tested. Of a head of several numbers
 * (`numbers`, their names) it is the mean over them, as its loss is.
 */
export function standardOf(
  metrics: readonly Measured[],
  numbers: readonly string[] = [],
): Standard | undefined {
  const of = (name: string) =>
    metrics.find(metric => metric.part === 'test' && metric.name === name)
  const roots = metrics.filter(
    ({ part, name, head = '' }) => part === 'test' && name === 'rmse' && numbers.includes(head),
  )
  if (numbers.length > 0 && roots.length === numbers.length)
    return {
      lossHigh: meanOf(Float64Array.from(roots, ({ value, high = value }) => high ** 2)),
      accuracyLow: 0,
    }
  const [score, root, accuracy] = [of('brier'), of('rmse'), of('accuracy')]
  const accuracyLow = accuracy?.low ?? 0
  if (score !== undefined) return { lossHigh: score.high ?? score.value, accuracyLow }
  if (root !== undefined) return { lossHigh: (root.high ?? root.value) ** 2, accuracyLow }
  return accuracy === undefined ? undefined : { lossHigh: Number.POSITIVE_INFINITY, accuracyLow }
}
