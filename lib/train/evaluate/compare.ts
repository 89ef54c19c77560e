import { auc, compareAuc } from '../../maths/auc.ts'
import { bootstrapByGroup } from '../../maths/confidence-interval.ts'
import { type Losses, lossesOf, meanOf } from '../../maths/loss.ts'
import { mcnemar } from './mcnemar.ts'

/** Two models by what they lost on the same rows. */
export interface LossComparison {
  /** Of the first model: better or worse when the interval of the difference excludes 0. */
  verdict: 'better' | 'worse' | 'underpowered'
  /**
   * Mean loss of the first minus that of the second, with its interval over tokens (rows, when
   * there are none).
   */
  difference: number
  low?: number
  high?: number
  /** Rows where only the first, only the second was right; exact McNemar. */
  onlyFirst: number
  onlySecond: number
  mcnemarP: number
}

interface Options {
  groups?: Int32Array | undefined
  runs?: number
  seed?: string
}

/** Compares losses pairwise; whole tokens are drawn for the interval. */
export function compareLosses(
  a: Losses,
  b: Losses,
  { groups, runs = 1000, seed = 'compare' }: Options,
): LossComparison {
  const gaps = a.loss.map((loss, i) => loss - b.loss[i]!)
  const units = groups ?? Int32Array.from(gaps, (_, i) => i)
  const interval = bootstrapByGroup(units, weight => meanOf(gaps, weight), { runs, seed })
  let [onlyFirst, onlySecond] = [0, 0]
  a.right?.forEach((right, i) => {
    const other = b.right![i]!
    if (right > other) onlyFirst++
    if (right < other) onlySecond++
  })
  const isOpen = interval === undefined || (interval[0] <= 0 && interval[1] >= 0)
  return {
    verdict: isOpen ? 'underpowered' : interval[1] < 0 ? 'better' : 'worse',
    difference: meanOf(gaps),
    ...(interval === undefined ? {} : { low: interval[0], high: interval[1] }),
    onlyFirst,
    onlySecond,
    mcnemarP: mcnemar(onlyFirst, onlySecond).exact,
  }
}

export interface Comparison
  extends Pick<LossComparison, 'verdict' | 'onlyFirst' | 'onlySecond' | 'mcnemarP'> {
  /** Brier of the first minus Brier of the second, with its interval. */
  brierDifference: number
  brierLow?: number
  brierHigh?: number
  /** AUC of the first minus that of the second (DeLong). */
  aucDifference?: number
  aucP?: number
}

/** Two models that give probabilities of a 0/1 label, on the same rows. */
export function compareModels(
  label: Float64Array,
  a: Float64Array,
  b: Float64Array,
  { threshold = 0.5, ...options }: Options & { threshold?: number } = {},
): Comparison {
  const [first, second] = [a, b].map(p => lossesOf('binary', [label], [p], threshold)) as [
    Losses,
    Losses,
  ]
  const { difference, low, high, ...rest } = compareLosses(first, second, options)
  return {
    ...rest,
    brierDifference: difference,
    ...(low === undefined || high === undefined ? {} : { brierLow: low, brierHigh: high }),
    ...areaDifference(label, a, b),
  }
}

/** AUC of the first minus that of the second; nothing when only one class is there. */
export function areaDifference(label: Float64Array, a: Float64Array, b: Float64Array) {
  const [first, second] = [auc(label, a), auc(label, b)]
  if (first === undefined || second === undefined) return {}
  const { difference, p } = compareAuc(first, second)
  return { aucDifference: difference, aucP: p }
}
