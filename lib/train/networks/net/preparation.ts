import type { Graph } from '../../../onnx/graph.ts'
import { emitLn } from '../../../onnx/steady.ts'
import type { Input } from './network.ts'

/**
 * Mean and 1/standard deviation of each column of a prepared group; 0 for a column that never
 * varies.
 */
export interface Scaler {
  mean: number[]
  inverse: number[]
  /**
   * 1 for a column that was known in some rows and unknown in others: only then its flag has been
   * learned.
   */
  partial: number[]
}
export type Scalers = Record<string, Scaler>

/** Columns before scaling [batch, …, C], and what follows them unscaled (missing flags). */
export interface Group {
  name: string
  columns: string
  flags?: string
}

/**
 * How raw features become what a network reads, as graph nodes: the same for training and for
 * serving.
 */
export interface Preparation {
  raw: readonly Input[]
  /** Prepared inputs: per row. */
  made: readonly Input[]
  /** Number of scaled columns of each made input. */
  columns: Readonly<Record<string, number>>
  emit(graph: Graph): Group[]
}

/**
 * Farther from the mean than this many standard deviations is cut: one absurd input must not drown
 * the rest.
 */
const LIMIT = 10

/**
 * Columns in standard deviations around the mean, cut at ±10, the unknown as the mean; and which
 * were unknown.
 */
export function emitUnit(
  graph: Graph,
  { columns }: Group,
  { mean, inverse }: Scaler,
): { known: string; isUnknown: string } {
  const unit = graph.op('Mul', [
    graph.op('Sub', [columns, vector(graph, mean)]),
    vector(graph, inverse),
  ])
  const isUnknown = graph.op('IsNaN', [unit])
  const filled = graph.op('Where', [isUnknown, graph.scalar(0), unit])
  return { known: graph.op('Clip', [filled, graph.scalar(-LIMIT), graph.scalar(LIMIT)]), isUnknown }
}

/**
 * (x − mean)/σ, cut at ±10; unknown becomes the mean. Flags are appended, 0 for columns whose flag
 * never changed in training: its weight means nothing.
 */
export function emitScaled(graph: Graph, group: Group, scaler: Scaler): string {
  const { known } = emitUnit(graph, group, scaler)
  if (group.flags === undefined) return known
  return graph.op(
    'Concat',
    [known, graph.op('Mul', [group.flags, vector(graph, scaler.partial)])],
    { axis: -1 },
  )
}

const vector = (graph: Graph, data: number[]): string => graph.floats(data, [data.length])

/**
 * Candles [N, T, 5] as ln(x / last close) of the prices and ln(1 + volume / mean volume): free of
 * price level and unit.
 */
export function emitCandles(graph: Graph, candles: string, steps: number): string {
  const slice = (from: number, to: number): string =>
    graph.op('Slice', [candles, graph.ints([from]), graph.ints([to]), graph.ints([2])])
  const prices = graph.op('Div', [slice(0, 4), lastClose(graph, candles, steps)])
  const volume = slice(4, 5)
  const mean = graph.op('ReduceMean', [volume], { axes: [1], keepdims: 1 })
  const share = graph.op('Add', [graph.op('Div', [volume, mean]), graph.scalar(1)])
  const row = graph.op('Reshape', [
    graph.op('Concat', [prices, share], { axis: 2 }),
    graph.ints([-1, 5 * steps]),
  ])
  return graph.op('Reshape', [emitLn(graph, row, 5 * steps), graph.ints([-1, steps, 5])])
}

/** Close of the last candle, [N, 1, 1]. */
export function lastClose(graph: Graph, candles: string, steps: number): string {
  return graph.op('Slice', [
    candles,
    graph.ints([steps - 1, 3]),
    graph.ints([steps, 4]),
    graph.ints([1, 2]),
  ])
}

/** 1 where a feature is not a finite number, else 0. ∞ − ∞ is NaN, so the difference finds both. */
export function emitMissing(graph: Graph, values: string): string {
  return graph.op('Cast', [graph.op('IsNaN', [graph.op('Sub', [values, values])])], { to: 1 })
}

/** sign(x)·ln(1 + |x|) of [N, width]: money and counts span orders of magnitude. */
export function emitLog(graph: Graph, values: string, width: number): string {
  const size = emitLn(graph, graph.op('Add', [graph.op('Abs', [values]), graph.scalar(1)]), width)
  return graph.op('Mul', [graph.op('Sign', [values]), size])
}
