const EPSILON = 1e-15
const weightOf = (weight: Float64Array | undefined, i: number): number =>
  weight === undefined ? 1 : weight[i]!

function weightedMean(
  rows: number,
  weight: Float64Array | undefined,
  of: (row: number) => number,
): number {
  let sum = 0
  let total = 0
  for (let i = 0; i < rows; i++) {
    const w = weightOf(weight, i)
    sum += w * of(i)
    total += w
  }
  return sum / total
}

/** Mean squared error of probabilities (Brier 1950). */
export const brier = (
  label: ArrayLike<number>,
  p: ArrayLike<number>,
  weight?: Float64Array,
): number => weightedMean(label.length, weight, i => (p[i]! - label[i]!) ** 2)

/** Share of ones. */
export const baseRate = (label: ArrayLike<number>, weight?: Float64Array): number =>
  weightedMean(label.length, weight, i => label[i]!)

/**
 * 1 − Brier / π(1−π): 0 = no better than always saying the base rate π, 1 = perfect. NaN with one
 * class only.
 */
export function brierSkill(
  label: ArrayLike<number>,
  p: ArrayLike<number>,
  weight?: Float64Array,
): number {
  const rate = baseRate(label, weight)
  return 1 - brier(label, p, weight) / (rate * (1 - rate))
}

/** −ln of the probability given to what happened, kept 1e-15 off 0 and 1. */
export function rowLoss(y: number, p: number): number {
  const q = Math.min(1 - EPSILON, Math.max(EPSILON, p))
  return -Math.log(y === 1 ? q : 1 - q)
}

/** Mean −ln of the probability given to what happened. */
export const logLoss = (
  label: ArrayLike<number>,
  p: ArrayLike<number>,
  weight?: Float64Array,
): number => weightedMean(label.length, weight, i => rowLoss(label[i]!, p[i]!))

/** Counts at a threshold; positive when p ≥ threshold. */
export function confusion(label: ArrayLike<number>, p: ArrayLike<number>, threshold: number) {
  let [tp, fp, tn, fn] = [0, 0, 0, 0]
  for (let i = 0; i < label.length; i++) {
    const says = p[i]! >= threshold
    if (label[i] === 1) says ? tp++ : fn++
    else says ? fp++ : tn++
  }
  return { tp, fp, tn, fn }
}
