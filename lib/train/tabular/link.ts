import type { Graph } from '../../onnx/graph.ts'
import type { Calibrator } from './calibration.ts'

/** Emits the nodes of a calibrator: a column of scores [N, 1] → probabilities [N, 1]. */
export function emitCalibrator(graph: Graph, z: string, calibrator: Calibrator): string {
  if (calibrator.method === 'isotonic') return emitKnots(graph, z, calibrator)
  const scaled = graph.op('Mul', [z, graph.scalar(calibrator.slope)])
  return graph.op('Sigmoid', [graph.op('Add', [scaled, graph.scalar(calibrator.shift)])])
}

/**
 * p₀ + Σ slopeₖ · min(max(z − zₖ, 0), zₖ₊₁ − zₖ): linear between knots, flat outside, no branches.
 */
function emitKnots(graph: Graph, z: string, { z: at, p }: { z: number[]; p: number[] }): string {
  const pieces = at.length - 1
  if (pieces === 0)
    return graph.op('Add', [graph.op('Mul', [z, graph.scalar(0)]), graph.scalar(p[0]!)])
  const row = (make: (k: number) => number): string =>
    graph.floats(
      Array.from({ length: pieces }, (_, k) => make(k)),
      [1, pieces],
    )
  const past = graph.op('Max', [graph.op('Sub', [z, row(k => at[k]!)]), graph.scalar(0)])
  const share = graph.op('Div', [
    graph.op('Min', [past, row(k => at[k + 1]! - at[k]!)]),
    row(k => at[k + 1]! - at[k]!),
  ])
  const risen = graph.op('Mul', [share, row(k => p[k + 1]! - p[k]!)])
  // Added column by column: ReduceSum orders its sums by the number of rows, and a lone row must
  // not differ from a batch.
  const parts = pieces === 1 ? [risen] : graph.ops('Split', [risen], pieces, { axis: 1 })
  return graph.op('Sum', [...parts, graph.scalar(p[0]!)])
}
