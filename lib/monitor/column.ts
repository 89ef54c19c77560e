import { makeRng } from '../base/rng.ts'

/** Values kept of a column to judge its distribution by. */
const SAMPLE = 4096
/**
 * MAD of a normal distribution is σ / 1.4826; 3.5 of it is the usual limit (Iglewicz & Hoaglin
 * 1993).
 */
const MAD_TO_SIGMA = 1.4826
const ROBUST_LIMIT = 3.5
const Z_LIMIT = 3

/** What a column of many lines looks like. Absent where it had no value at all. */
export interface ColumnSummary {
  lines: number
  missing: number
  /** Share of the lines since the value was last another one than before, at the end. */
  stuck?: number
  /** The last value. */
  last?: number
  mean?: number
  sigma?: number
  min?: number
  p05?: number
  median?: number
  p95?: number
  max?: number
  outliers?: number
  robustOutliers?: number
}

/** Statistics of one column in constant memory. */
export interface Column {
  put(x: number | undefined): void
  summary(): ColumnSummary
}

/**
 * Mean and σ over all values (Welford 1962); quantiles and shares of outliers over a uniform sample
 * of 4,096 of them (Vitter 1985, algorithm R, seeded by the name, so that the same lines give the
 * same answer).
 */
export function makeColumn(name: string): Column {
  const rng = makeRng(`column ${name}`)
  const sample: number[] = []
  let [lines, known, mean, squares] = [0, 0, 0, 0]
  let [last, changedAt] = [Number.NaN, 0]
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]

  const keep = (x: number): void => {
    if (sample.length < SAMPLE) sample.push(x)
    else {
      const at = rng.below(known)
      if (at < SAMPLE) sample[at] = x
    }
  }
  return {
    put: x => {
      lines++
      if (x === undefined) return
      known++
      if (x !== last) changedAt = lines
      last = x
      const delta = x - mean
      mean += delta / known
      squares += delta * (x - mean)
      min = Math.min(min, x)
      max = Math.max(max, x)
      keep(x)
    },
    summary: () => {
      const missing = lines === 0 ? 1 : 1 - known / lines
      if (known === 0) return { lines, missing }
      const sigma = Math.sqrt(squares / known)
      const stuck = (lines - changedAt) / lines
      return {
        lines,
        missing,
        stuck,
        ...finiteOnly({ last, mean, sigma, min, ...shape(sample, mean, sigma), max }),
      }
    },
  }
}

function shape(sample: readonly number[], mean: number, sigma: number) {
  const sorted = [...sample].sort((a, b) => a - b)
  const median = quantile(sorted, 0.5)
  const mad = quantile(
    sorted.map(x => Math.abs(x - median)).sort((a, b) => a - b),
    0.5,
  )
  const beyond = (centre: number, limit: number): number =>
    sorted.filter(x => Math.abs(x - centre) > limit).length / sorted.length
  return {
    p05: quantile(sorted, 0.05),
    median,
    p95: quantile(sorted, 0.95),
    outliers: beyond(mean, Z_LIMIT * sigma),
    // More than half equal values have no robust spread to measure others by.
    ...(mad === 0 ? {} : { robustOutliers: beyond(median, ROBUST_LIMIT * MAD_TO_SIGMA * mad) }),
  }
}

/** Linear between neighbours (type 7, as NumPy and R by default). */
export function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1)
  const low = sorted[Math.floor(at)]!
  const high = sorted[Math.ceil(at)]!
  return low + (high - low) * (at - Math.floor(at))
}

/** Sums of absurd values overflow; then there is nothing to say. */
const finiteOnly = <T extends Record<string, number>>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, x]) => Number.isFinite(x))) as Partial<T>
