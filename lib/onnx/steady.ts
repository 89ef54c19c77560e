import type { Graph } from './graph.ts'

/** More than any processor computes at once; a power of two. */
const LANES = 16

/**
 * ln x over [N, width], the same bits however many rows there are. onnxruntime computes what does
 * not fill the lanes of the processor by another routine (measured on 1.30), so every row is filled
 * up to whole lanes first.
 */
export function emitLn(graph: Graph, x: string, width: number): string {
  const missing = (LANES - (width % LANES)) % LANES
  if (missing === 0) return graph.op('Log', [x])
  const logs = graph.op('Log', [
    graph.op('Pad', [x, graph.ints([0, 0, 0, missing]), graph.scalar(1)]),
  ])
  return graph.op('Slice', [logs, graph.ints([0]), graph.ints([width]), graph.ints([1])])
}
