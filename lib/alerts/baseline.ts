/**
 * How one feature or prediction was distributed in the reference: bins (−∞, e₁], (e₁, e₂], …, (eₖ,
 * ∞) between its quantiles, and unknown values apart. Kept with the model bundle, so that drift
 * needs no training data.
 */
export interface Baseline {
  /** Independent rows: tokens, where rows of one token repeat. */
  rows: number
  edges: number[]
  /** Of all rows, one per bin; with `missingShare` they sum to 1. */
  shares: number[]
  missingShare: number
}

/** Bins of a baseline: deciles. */
const BINS = 10

/**
 * Measures the distribution of a column, what is not finite = unknown. `independent` is the number
 * of tokens when rows repeat.
 */
export function makeBaseline(values: ArrayLike<number>, independent = values.length): Baseline {
  const known = Float64Array.from(values).filter(Number.isFinite)
  known.sort()
  const edges = edgesOf(known)
  const counts = countBins(known, edges)
  const rows = Math.max(1, values.length)
  return {
    rows: independent,
    edges,
    shares: counts.map(count => count / rows),
    missingShare: (values.length - known.length) / rows,
  }
}

/**
 * Inner edges of at most ten bins: between every two values when there are few, else at the
 * deciles. An edge lies in the middle between two values that were seen, so that rounding in the
 * last digits moves no row to another bin.
 */
export function edgesOf(sorted: Float64Array, bins = BINS): number[] {
  const few = distinctOf(sorted, bins + 1)
  if (few.length <= bins) return few.slice(0, -1).map((value, k) => between(value, few[k + 1]!))
  const top = sorted.at(-1)!
  const below = sorted.findLast(value => value < top)!
  const edges = Array.from({ length: bins - 1 }, (_, k) => {
    const value = Math.min(below, sorted[Math.ceil(((k + 1) / bins) * sorted.length) - 1]!)
    return between(value, sorted.find(other => other > value)!)
  })
  return [...new Set(edges)]
}

const between = (low: number, high: number): number => {
  const middle = Math.fround(low / 2 + high / 2)
  return Number.isFinite(middle) ? middle + 0 : Math.fround(Number.isFinite(low) ? low : high)
}

/** The first `most` distinct values. */
function distinctOf(sorted: Float64Array, most: number): number[] {
  const found: number[] = []
  for (let i = 0; i < sorted.length && found.length < most; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) found.push(sorted[i]!)
  }
  return found
}

function countBins(sorted: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0)
  let bin = 0
  for (const value of sorted) {
    while (bin < edges.length && value > edges[bin]!) bin++
    counts[bin] = counts[bin]! + 1
  }
  return counts
}
