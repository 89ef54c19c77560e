import type { Table } from '../../table/table.ts'
import type { Split } from './tree-split.ts'

/** What a thread is to do, the first number of a command. */
export const DO = { end: 0, bin: 1, root: 2, divide: 3 } as const
/** Numbers of a leaf in a command: g, h, n, low, high, whether it may be split. */
export const LEAF = 6
/**
 * Where the leaves of a command begin, after: action, slot, slot of the smaller child, its first
 * row and last + 1.
 */
export const LEAVES_AT = 5
/** Numbers of a split found: gain, feature, bin, missingLeft, threshold, g, h, n. */
const FOUND = 8

/**
 * What the threads that grow one ensemble share. Each owns a stretch of the features: it cuts them
 * into bins, keeps their histograms and finds their best split, so the result does not depend on
 * how many threads there are.
 */
export interface GrowMemory {
  rows: number
  /** Feature values by column. */
  columns: readonly Float32Array[]
  /** Thread r owns the features from starts[r] to starts[r + 1]. */
  starts: readonly number[]
  /** Bins of the features of each thread, row after row. */
  bins: readonly Uint8Array[]
  gradient: Float64Array
  hessian: Float64Array
  /** Rows, permuted so that every leaf owns a stretch. */
  order: Int32Array
  /** 1 for the features that the tree may use. */
  isUsed: Uint8Array
  command: Float64Array
  /** FOUND numbers per thread and leaf. */
  found: Float64Array
  /** Commands given, threads that are done with the last one, and 1 when one has failed. */
  signal: Int32Array
}

/** Memory for a table. For one thread it is ordinary memory, for several it is shared. */
export function makeGrowMemory({ rows, columns }: Table, threads: number): GrowMemory {
  const memory = (bytes: number): ArrayBufferLike =>
    threads > 1 ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)
  const starts = Array.from({ length: threads + 1 }, (_, r) =>
    Math.round((r * columns.length) / threads),
  )
  const widths = starts.slice(1).map((to, r) => to - starts[r]!)
  return {
    rows,
    columns: threads > 1 ? columns.map(column => copied(column, memory(4 * rows))) : columns,
    starts,
    bins: widths.map(width => new Uint8Array(memory(width * rows))),
    gradient: new Float64Array(memory(8 * rows)),
    hessian: new Float64Array(memory(8 * rows)),
    order: new Int32Array(memory(4 * rows)),
    isUsed: new Uint8Array(memory(columns.length)),
    command: new Float64Array(memory(8 * (LEAVES_AT + 2 * LEAF))),
    found: new Float64Array(memory(8 * FOUND * 2 * threads)),
    signal: new Int32Array(memory(4 * 3)),
  }
}

function copied(column: Float32Array, memory: ArrayBufferLike): Float32Array {
  const out = new Float32Array(memory)
  out.set(column)
  return out
}

/** A split with the value that it cuts at. */
export interface FoundSplit extends Split {
  threshold: number
}

/** Writes what a thread found for leaf 0 or 1 of the command. */
export function putFound(
  memory: GrowMemory,
  rank: number,
  leaf: number,
  split: Split,
  threshold: number,
): void {
  const { gain, feature, bin, missingLeft, left } = split
  memory.found.set(
    [gain, feature, bin, missingLeft ? 1 : 0, threshold, left.g, left.h, left.n],
    FOUND * (2 * rank + leaf),
  )
}

/** The best of what all threads found for a leaf; of equal ones that of the first feature. */
export function bestFound({ found, starts }: GrowMemory, leaf: number): FoundSplit {
  let at = FOUND * leaf
  for (let rank = 1; rank < starts.length - 1; rank++) {
    const other = FOUND * (2 * rank + leaf)
    if (found[other]! > found[at]!) at = other
  }
  const [gain, feature, bin, missingLeft, threshold, g, h, n] = found.subarray(
    at,
    at + FOUND,
  ) as unknown as number[]
  return {
    gain: gain!,
    feature: feature!,
    bin: bin!,
    missingLeft: missingLeft === 1,
    threshold: threshold!,
    left: { g: g!, h: h!, n: n! },
  }
}
