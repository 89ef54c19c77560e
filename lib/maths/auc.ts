import type { Interval } from './confidence-interval.ts'
import { wilson } from './confidence-interval.ts'
import { quantile, twoSided } from './normal.ts'

/** Area under the ROC curve with DeLong's variance. */
interface Auc {
  auc: number
  variance: number
  positives: number
  negatives: number
  /** Placement values: mean ψ of each positive, of each negative. */
  ofPositives: Float64Array
  ofNegatives: Float64Array
}

/**
 * DeLong, DeLong and Clarke-Pearson 1988 by midranks (Sun and Xu 2014), O(n log n). undefined with
 * one class only.
 */
export function auc(label: ArrayLike<number>, score: ArrayLike<number>): Auc | undefined {
  const isOne = (i: number): boolean => label[i] === 1
  const positives = rowsWhere(label.length, isOne)
  const negatives = rowsWhere(label.length, i => !isOne(i))
  const m = positives.length
  const n = negatives.length
  if (m === 0 || n === 0) return undefined
  const x = Float64Array.from(positives, i => score[i]!)
  const y = Float64Array.from(negatives, i => score[i]!)
  const all = midranks(concat(x, y))
  const own = midranks(x)
  const other = midranks(y)
  const ofPositives = x.map((_, i) => (all[i]! - own[i]!) / n)
  const ofNegatives = y.map((_, j) => 1 - (all[m + j]! - other[j]!) / m)
  const area = mean(ofPositives)
  const variance =
    covariance(ofPositives, ofPositives) / m + covariance(ofNegatives, ofNegatives) / n
  return { auc: area, variance, positives: m, negatives: n, ofPositives, ofNegatives }
}

/**
 * Interval on the logit scale, which cannot leave [0, 1]. A perfect area has no variance to go by:
 * there the Wilson interval of the smaller class stands in.
 */
export function aucInterval(
  { auc: area, variance, positives, negatives }: Auc,
  level = 0.95,
): Interval {
  if (area <= 0 || area >= 1 || !(variance > 0)) {
    const n = Math.min(positives, negatives)
    return wilson(Math.round(area * n), n, level)
  }
  const logit = Math.log(area / (1 - area))
  const half = (quantile(level) * Math.sqrt(variance)) / (area * (1 - area))
  return [1 / (1 + Math.exp(half - logit)), 1 / (1 + Math.exp(-half - logit))]
}

/** Two models on the same rows: difference, its standard error, z and two-sided p. */
export function compareAuc(
  a: Auc,
  b: Auc,
): { difference: number; se: number; z: number; p: number; covariance: number } {
  const shared =
    covariance(a.ofPositives, b.ofPositives) / a.positives +
    covariance(a.ofNegatives, b.ofNegatives) / a.negatives
  const difference = a.auc - b.auc
  const se = Math.sqrt(Math.max(0, a.variance + b.variance - 2 * shared))
  const z = se > 0 ? difference / se : 0
  return { difference, se, z, p: twoSided(z), covariance: shared }
}

/**
 * Weighted area as a function of row weights, sorted once: for the bootstrap. NaN with one class
 * only.
 */
export function makeWeightedAuc(
  label: ArrayLike<number>,
  score: ArrayLike<number>,
): (weight: Float64Array) => number {
  const order = rowsWhere(label.length, () => true).sort((i, j) => score[i]! - score[j]!)
  return weight => {
    let below = 0
    let wins = 0
    let ones = 0
    for (let k = 0; k < order.length; ) {
      let tiedZeros = 0
      let tiedOnes = 0
      const value = score[order[k]!]
      for (; k < order.length && score[order[k]!] === value; k++) {
        const i = order[k]!
        if (label[i] === 1) tiedOnes += weight[i]!
        else tiedZeros += weight[i]!
      }
      wins += tiedOnes * (below + tiedZeros / 2)
      below += tiedZeros
      ones += tiedOnes
    }
    return wins / (ones * below)
  }
}

/**
 * Area under precision against recall as the mean of precisions at each new recall, ties taken
 * together.
 */
export function averagePrecision(
  label: ArrayLike<number>,
  score: ArrayLike<number>,
): number | undefined {
  const value = makeWeightedPrecision(label, score)(new Float64Array(label.length).fill(1))
  return Number.isNaN(value) ? undefined : value
}

/**
 * Average precision as a function of row weights, sorted once: for the bootstrap. NaN without
 * positives.
 */
export function makeWeightedPrecision(
  label: ArrayLike<number>,
  score: ArrayLike<number>,
): (weight: Float64Array) => number {
  const order = rowsWhere(label.length, () => true).sort((i, j) => score[j]! - score[i]!)
  return weight => {
    let [seen, ones, sum] = [0, 0, 0]
    for (let k = 0; k < order.length; ) {
      const value = score[order[k]!]
      const before = ones
      do {
        const i = order[k++]!
        seen += weight[i]!
        if (label[i] === 1) ones += weight[i]!
      } while (k < order.length && score[order[k]!] === value)
      if (ones > before) sum += (ones - before) * (ones / seen)
    }
    return sum / ones
  }
}

function rowsWhere(n: number, keep: (row: number) => boolean): Int32Array {
  const rows = new Int32Array(n)
  let used = 0
  for (let i = 0; i < n; i++) if (keep(i)) rows[used++] = i
  return rows.subarray(0, used)
}

const concat = (x: Float64Array, y: Float64Array): Float64Array => {
  const out = new Float64Array(x.length + y.length)
  out.set(x)
  out.set(y, x.length)
  return out
}

/** Ranks from 1, ties share their middle rank. Values must be numbers. */
export function midranks(values: Float64Array): Float64Array {
  const ranks = new Float64Array(values.length)
  const order = rowsWhere(values.length, () => true).sort((i, j) => values[i]! - values[j]!)
  for (let from = 0; from < order.length; ) {
    let to = from
    // At least one step, also where a value is not a number and so equals nothing.
    do to++
    while (to < order.length && values[order[to]!] === values[order[from]!])
    for (let k = from; k < to; k++) ranks[order[k]!] = (from + 1 + to) / 2
    from = to
  }
  return ranks
}

const mean = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Sample covariance (n − 1); 0 for a single value. */
function covariance(a: Float64Array, b: Float64Array): number {
  if (a.length < 2) return 0
  const [ma, mb] = [mean(a), mean(b)]
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - ma) * (b[i]! - mb)
  return sum / (a.length - 1)
}
