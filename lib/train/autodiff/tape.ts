import type { Graph } from '../../onnx/graph.ts'

/**
 * A tensor of the graph under construction. −1 in the shape is the free batch of a serving graph.
 */
export interface Value {
  readonly name: string
  readonly shape: readonly number[]
  /** Data, masks and labels: no gradient flows into them. */
  readonly fixed?: boolean
}

/** Gradient names of the inputs, from those of the outputs; undefined where none is wanted. */
export type Backward = (gradients: string[]) => (string | undefined)[]

/**
 * Records what the forward operations did, so that their gradients can be emitted in reverse order.
 */
export interface Tape {
  readonly graph: Graph
  record(outputs: readonly Value[], inputs: readonly Value[], backward: Backward): void
  /**
   * Emits the backward pass from ∂loss/∂`of` = `seed` and returns the gradient of any recorded
   * value.
   */
  backward(of: Value, seed: string): (value: Value) => string | undefined
}

interface Entry {
  outputs: readonly Value[]
  inputs: readonly Value[]
  backward: Backward
}

/**
 * Reverse-mode differentiation by emitting ONNX nodes: forward and backward end up in one graph.
 */
export function makeTape(graph: Graph): Tape {
  const entries: Entry[] = []
  return {
    graph,
    record: (outputs, inputs, backward) => void entries.push({ outputs, inputs, backward }),
    backward(of, seed) {
      const gradients = new Map([[of.name, seed]])
      for (const entry of entries.toReversed()) propagate(graph, entry, gradients)
      return value => gradients.get(value.name)
    },
  }
}

function propagate(
  graph: Graph,
  { outputs, inputs, backward }: Entry,
  gradients: Map<string, string>,
): void {
  const known = outputs.map(output => gradients.get(output.name))
  if (known.every(name => name === undefined)) return
  const arrived = known.map((name, i) => name ?? zerosLike(graph, outputs[i]!.name))
  for (const [i, gradient] of backward(arrived).entries()) {
    const input = inputs[i]!
    if (gradient === undefined || input.fixed) continue
    const sum = gradients.get(input.name)
    gradients.set(input.name, sum === undefined ? gradient : graph.op('Add', [sum, gradient]))
  }
}

/** Gradient of an output that nothing used. */
const zerosLike = (graph: Graph, name: string): string => graph.op('Mul', [name, graph.scalar(0)])

/** Number of elements; −1 when the batch is free. */
export function sizeOf(shape: readonly number[]): number {
  const size = shape.reduce((product, side) => product * side, 1)
  return shape.some(side => side < 0) ? -1 : size
}
