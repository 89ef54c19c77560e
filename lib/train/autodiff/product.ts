import type { Graph } from '../../onnx/graph.ts'
import type { Value } from './tape.ts'

/**
 * Up to this many terms onnxruntime sums in one order, however it cuts the work among threads
 * (measured on 1.30).
 */
const TERMS = 128

/** A matrix cut along the axis that a product sums over. */
export interface Cut {
  names: readonly string[]
  widths: readonly number[]
}

/** Cuts a matrix into parts of at most 128 along one axis of `length`. */
export function cut(graph: Graph, name: string, length: number, axis: 0 | 1): Cut {
  const widths = Array.from({ length: Math.ceil(length / TERMS) }, (_, i) =>
    Math.min(TERMS, length - i * TERMS),
  )
  if (widths.length === 1) return { names: [name], widths }
  return { names: graph.ops('Split', [name, graph.ints(widths)], widths.length, { axis }), widths }
}

/**
 * start + a·b, or a·bᵀ, as a sum of short products. For a result of few rows and up to 128 columns,
 * the order of a long sum, and so its last bits, would depend on the number of threads; that of
 * short ones does not.
 */
export function shortProducts(
  graph: Graph,
  a: string,
  b: Cut,
  { transB = 0, start }: { transB?: 0 | 1; start?: string } = {},
): string {
  const parts =
    b.names.length === 1
      ? [a]
      : graph.ops('Split', [a, graph.ints(b.widths)], b.names.length, { axis: 1 })
  return parts.reduce<string | undefined>(
    (sum, part, i) =>
      graph.op('Gemm', [part, b.names[i]!, ...(sum === undefined ? [] : [sum])], { transB }),
    start,
  )!
}

/**
 * Rows [m, ·] times a weight matrix, or times it turned (transB), plus `start`: cut short only
 * where that matters.
 */
export function timesWeight(
  graph: Graph,
  a: string,
  weight: Value,
  { m, transB = 0, start }: { m: number; transB?: 0 | 1; start?: string },
): string {
  const [inner, outer] = weight.shape as [number, number]
  const [terms, n] = transB === 1 ? [outer, inner] : [inner, outer]
  // A result at least as high as wide is cut between its rows, which changes no sum. With a free
  // batch there is one thread.
  if (m < 0 || m >= n)
    return graph.op('Gemm', [a, weight.name, ...(start === undefined ? [] : [start])], { transB })
  const parts = cut(graph, weight.name, terms, transB)
  return shortProducts(graph, a, parts, { transB, ...(start === undefined ? {} : { start }) })
}
