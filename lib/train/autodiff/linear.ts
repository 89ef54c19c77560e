import type { Graph } from '../../onnx/graph.ts'
import { timesWeight } from './product.ts'
import { sizeOf, type Tape, type Value } from './tape.ts'

/** a·W + b over the last axis: a […, K], W [K, N], b [N] → […, N]. ∂W = aᵀd, ∂a = d·Wᵀ, ∂b = Σd. */
export function linear(tape: Tape, a: Value, weight: Value, bias: Value): Value {
  const { graph } = tape
  const [inner, outer] = weight.shape as [number, number]
  const lead = a.shape.slice(0, -1)
  const fold = (name: string, width: number): string =>
    lead.length === 1 ? name : graph.op('Reshape', [name, graph.ints([sizeOf(lead), width])])
  const unfold = (name: string, width: number): string =>
    lead.length === 1 ? name : graph.op('Reshape', [name, graph.ints([...lead, width])])
  const rows = fold(a.name, inner)
  const m = sizeOf(lead)
  const product = timesWeight(graph, rows, weight, { m, start: bias.name })
  const out = { name: unfold(product, outer), shape: [...lead, outer] }
  tape.record([out], [a, weight, bias], ([d]) => {
    const flat = fold(d!, outer)
    const byInput = a.fixed
      ? undefined
      : unfold(timesWeight(graph, flat, weight, { m, transB: 1 }), inner)
    return [byInput, graph.op('Gemm', [rows, flat], { transA: 1 }), columnSum(graph, flat)]
  })
  return out
}

/**
 * Matrix product of the last two axes, batched over the others: [.., I, K] × [.., K, J]. ∂a = d·bᵀ,
 * ∂b = aᵀ·d.
 */
export function matmul(tape: Tape, a: Value, b: Value): Value {
  const { graph } = tape
  const rank = a.shape.length
  const perm = [...Array(rank - 2).keys(), rank - 1, rank - 2]
  const turned = (name: string): string => graph.op('Transpose', [name], { perm })
  const name = graph.op('MatMul', [a.name, b.name])
  const out = { name, shape: [...a.shape.slice(0, -1), b.shape[rank - 1]!] }
  tape.record([out], [a, b], ([d]) => [
    graph.op('MatMul', [d!, turned(b.name)]),
    graph.op('MatMul', [turned(a.name), d!]),
  ])
  return out
}

/** Sum over the rows of a matrix: the gradient of a bias. */
export function columnSum(graph: Graph, matrix: string): string {
  return graph.op('ReduceSum', [matrix, graph.ints([0])], { keepdims: 0 })
}
