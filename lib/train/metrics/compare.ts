import { auc, compareAuc } from './auc.ts'
import { bootstrapByGroup } from './interval.ts'
import { mcnemar } from './mcnemar.ts'
import { brier } from './proper.ts'

export interface Comparison {
  /** Of the first model, on its Brier score: better or worse when the interval of the difference excludes 0. */
  verdict: 'better' | 'worse' | 'underpowered'
  /** Brier of the first minus Brier of the second, with its interval over tokens (rows, when there are none). */
  brierDifference: number
  brierLow?: number
  brierHigh?: number
  /** AUC of the first minus that of the second (DeLong). */
  aucDifference?: number
  aucP?: number
  /** Rows where only the first, only the second was right at the threshold; exact McNemar. */
  onlyFirst: number
  onlySecond: number
  mcnemarP: number
}

/** Two models on the same labelled rows. */
export function compareModels(
  label: Float64Array,
  a: Float64Array,
  b: Float64Array,
  { threshold = 0.5, groups = undefined as Int32Array | undefined, runs = 1000, seed = 'compare' } = {},
): Comparison {
  const units = groups ?? Int32Array.from(label, (_, i) => i)
  const difference = (weight?: Float64Array): number => brier(label, a, weight) - brier(label, b, weight)
  const interval = bootstrapByGroup(units, difference, { runs, seed })
  const right = (p: Float64Array, i: number): boolean => (p[i] as number) >= threshold === (label[i] === 1)
  let [onlyFirst, onlySecond] = [0, 0]
  for (let i = 0; i < label.length; i++) {
    if (right(a, i) && !right(b, i)) onlyFirst++
    if (!right(a, i) && right(b, i)) onlySecond++
  }
  const [first, second] = [auc(label, a), auc(label, b)]
  const areas = first !== undefined && second !== undefined ? compareAuc(first, second) : undefined
  return {
    verdict:
      interval === undefined || (interval[0] <= 0 && interval[1] >= 0)
        ? 'underpowered'
        : interval[1] < 0
          ? 'better'
          : 'worse',
    brierDifference: difference(),
    ...(interval === undefined ? {} : { brierLow: interval[0], brierHigh: interval[1] }),
    ...(areas === undefined ? {} : { aucDifference: areas.difference, aucP: areas.p }),
    onlyFirst,
    onlySecond,
    mcnemarP: mcnemar(onlyFirst, onlySecond).exact,
  }
}
