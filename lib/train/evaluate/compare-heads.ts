import { likeliest } from '../../maths/loss.ts'
import type { Objective } from '../trees/tree-loss.ts'
import { type Comparison, compareModels } from './compare.ts'
import { mcnemar } from './mcnemar.ts'
import { makeResampler } from './resample-units.ts'

interface CompareOptions {
  threshold?: number
  groups?: Int32Array | undefined
}

/** Two heads that say numbers or classes: by the mean of their losses. */
interface LossComparison {
  verdict: Comparison['verdict']
  loss: 'logLoss' | 'squaredError'
  /** Loss of the first minus loss of the second, with its paired bootstrap interval. */
  lossDifference: number
  lossLow?: number
  lossHigh?: number
  onlyFirst?: number
  onlySecond?: number
  mcnemarP?: number
}

/**
 * Two heads of one kind on the same labelled rows: probabilities by their Brier scores, classes by
 * log loss, numbers by squared error.
 */
export function compareHeads(
  objective: Objective,
  label: Float64Array,
  a: readonly Float64Array[],
  b: readonly Float64Array[],
  options: CompareOptions = {},
): Comparison | LossComparison {
  if (objective === 'binary') return compareModels(label, a[0]!, b[0]!, options)
  const lossOf = (columns: readonly Float64Array[], i: number): number => {
    const y = label[i]!
    if (objective === 'regression') return (columns[0]![i]! - y) ** 2
    return -Math.log(Math.max(1e-15, columns[y]?.[i] ?? 0))
  }
  const resample = makeResampler(label.length, 2, options.groups, (i, out) =>
    out.set([1, lossOf(a, i) - lossOf(b, i)]),
  )
  const mean = (sums: Float64Array): number[] => [sums[1]! / sums[0]!]
  const [interval] = resample(mean, { runs: 1000, seed: 'compare' })
  const known = interval === undefined ? {} : { lossLow: interval[0], lossHigh: interval[1] }
  return {
    verdict:
      interval === undefined || (interval[0] <= 0 && interval[1] >= 0)
        ? 'underpowered'
        : interval[1] < 0
          ? 'better'
          : 'worse',
    loss: objective === 'regression' ? 'squaredError' : 'logLoss',
    lossDifference: mean(resample.total)[0]!,
    ...known,
    ...(objective === 'multiclass' ? rightOnly(label, a, b) : {}),
  }
}

function rightOnly(label: Float64Array, a: readonly Float64Array[], b: readonly Float64Array[]) {
  const only = (first: readonly Float64Array[], second: readonly Float64Array[]): number =>
    label.reduce(
      (n, y, i) => n + (likeliest(first, i) === y && likeliest(second, i) !== y ? 1 : 0),
      0,
    )
  const [onlyFirst, onlySecond] = [only(a, b), only(b, a)]
  return { onlyFirst, onlySecond, mcnemarP: mcnemar(onlyFirst, onlySecond).exact }
}
