import type { Table } from '../../table/table.ts'

/** Unknown values have a bin of their own, so that a split can send them either way. */
export const MISSING = 255
/** Bins of known values: 0 … 254. */
export const MAX_BINS = 255
/**
 * Rows that the quantiles are taken from; beyond that every k-th row is used (scikit-learn samples
 * 200,000 as well).
 */
const SAMPLE = 200_000

export interface Bins {
  rows: number
  features: number
  /**
   * Upper edges per feature: bin b holds edges[b−1] < x ≤ edges[b]. All are float32, so routing is
   * equal in onnxruntime.
   */
  edges: readonly Float32Array[]
  /** Column-major bin numbers, in memory that other threads may read. */
  data: Uint8Array
}

/**
 * Cuts every column into at most `maxBins` quantile bins of float32 midpoints plus one for unknown
 * values.
 */
export function makeBins(table: Table, maxBins = MAX_BINS): Bins {
  const { rows, columns } = table
  const edges = columns.map(column => edgesOf(column, Math.min(maxBins, MAX_BINS)))
  const data = new Uint8Array(new SharedArrayBuffer(rows * columns.length))
  columns.forEach((column, f) => {
    fillBins(column, edges[f]!, data.subarray(f * rows, (f + 1) * rows))
  })
  return { rows, features: columns.length, edges, data }
}

/**
 * Strictly rising upper edges of a column; empty when it holds fewer than two distinct known
 * values.
 */
export function edgesOf(column: Float32Array, maxBins: number): Float32Array {
  const sorted = knownSorted(column)
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1])
  const edges: number[] = []
  const add = (low: number, high: number): void => {
    const edge = between(low, high)
    if (low !== high && (edges.length === 0 || edge > edges.at(-1)!)) edges.push(edge)
  }
  if (distinct.length <= maxBins) {
    for (let i = 1; i < distinct.length; i++) add(distinct[i - 1]!, distinct[i]!)
  } else {
    for (let k = 1; k < maxBins; k++) cutAt(sorted, Math.floor((k * sorted.length) / maxBins), add)
  }
  return Float32Array.from(edges)
}

/** A cut inside a run of equal values moves to the end of the run. */
function cutAt(
  sorted: Float32Array,
  position: number,
  add: (low: number, high: number) => void,
): void {
  const low = sorted[position - 1]!
  let at = position
  while (at < sorted.length && sorted[at] === low) at++
  if (at < sorted.length) add(low, sorted[at]!)
}

function knownSorted(column: Float32Array): Float32Array {
  const stride = Math.ceil(column.length / SAMPLE)
  const sample = stride === 1 ? column : column.filter((_, i) => i % stride === 0)
  return sample.filter(value => !Number.isNaN(value)).sort()
}

/**
 * Float32 midpoint m with low ≤ m < high, also beside infinities and between neighbouring floats.
 */
function between(low: number, high: number): number {
  const middle = Math.fround(low / 2 + high / 2)
  return middle >= low && middle < high ? middle : low
}

/** Bin numbers of a column, at `offset` and from there every `stride` places. */
export function fillBins(
  column: Float32Array,
  edges: Float32Array,
  out: Uint8Array,
  offset = 0,
  stride = 1,
): void {
  for (let i = 0; i < column.length; i++) {
    const value = column[i]!
    if (Number.isNaN(value)) {
      out[offset + i * stride] = MISSING
      continue
    }
    let low = 0
    let high = edges.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (value <= edges[middle]!) high = middle
      else low = middle + 1
    }
    out[offset + i * stride] = low
  }
}
