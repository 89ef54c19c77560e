import type { Graph } from '../../onnx/graph.ts'
import { columnSum } from './linear.ts'
import { type Cut, cut, shortProducts, timesWeight } from './product.ts'
import { scan } from './scan.ts'
import { sizeOf, type Value } from './tape.ts'

/**
 * Weights of one direction: W [F, 4H], R [H, 4H], b [4H], gates in the order input, forget, output,
 * candidate.
 */
export interface LstmWeights {
  W: Value
  R: Value
  b: Value
}

/** One direction of a forward pass and what it kept per step, [T, B, ·]. */
export interface Direction {
  weights: LstmWeights
  backwards: boolean
  trace: { gates: Value; candidate: Value; tanhCell: Value; cellBefore: Value; hiddenBefore: Value }
}

interface Pass {
  x: Value
  /** x as a matrix [T·B, F]. */
  rows: string
  /** Zeros [B, H]. */
  zero: Value
  directions: readonly Direction[]
  /** ∂loss/∂y [T, B, H or 2H]. */
  gradient: string
}

/** Backpropagation through time: gradients of [x, then W, R, b of each direction]. */
export function byDirection(
  graph: Graph,
  { x, rows, zero, directions, gradient }: Pass,
): (string | undefined)[] {
  const [batch, hidden] = zero.shape as [number, number]
  const steps = x.shape[0]!
  const slices =
    directions.length === 1
      ? [gradient]
      : graph.ops('Split', [gradient, graph.ints([hidden, hidden])], 2, { axis: 2 })
  const recurrent = directions.map(({ weights }) => cut(graph, weights.R.name, 4 * hidden, 1))
  const made = scan(
    graph,
    directions.map(({ trace, backwards }, i) => ({
      initial: [zero, zero],
      sequences: [
        { name: slices[i]!, shape: [steps, batch, hidden] },
        trace.gates,
        trace.candidate,
        trace.tanhCell,
        trace.cellBefore,
      ],
      backwards: !backwards,
      step: (body, [dh, dc], slices) =>
        cellBackward(body, { dh: dh!, dc: dc!, slices, recurrent: recurrent[i]!, batch, hidden }),
    })),
  )
  const flat = (name: string, width: number): string =>
    graph.op('Reshape', [name, graph.ints([sizeOf([steps, batch]), width])])
  const changes = made.map(([dz]) => flat(dz!.name, 4 * hidden))
  const byWeights = directions.flatMap(({ trace }, i) => [
    graph.op('Gemm', [rows, changes[i]!], { transA: 1 }),
    graph.op('Gemm', [flat(trace.hiddenBefore.name, hidden), changes[i]!], { transA: 1 }),
    columnSum(graph, changes[i]!),
  ])
  if (x.fixed) return [undefined, ...byWeights]
  const byRows = directions
    .map(({ weights }, i) =>
      timesWeight(graph, changes[i]!, weights.W, { m: sizeOf([steps, batch]), transB: 1 }),
    )
    .reduce((a, b) => graph.op('Add', [a, b]))
  return [graph.op('Reshape', [byRows, graph.ints(x.shape)]), ...byWeights]
}

interface CellGradient {
  dh: string
  dc: string
  /** dy, gates, candidate, tanh c', c of the step. */
  slices: readonly string[]
  /** R cut along its columns. */
  recurrent: Cut
  batch: number
  hidden: number
}

/**
 * dh += dy; dc += dh⊙o⊙(1−tanh²c'); dz = [dc⊙g, dc⊙c, dh⊙tanh c']⊙σ(1−σ) ‖ dc⊙i⊙(1−g²); to the step
 * before: dz·Rᵀ, dc⊙f.
 */
function cellBackward(
  body: Graph,
  { dh, dc, slices, recurrent, batch, hidden }: CellGradient,
): { states: string[]; outputs: Value[] } {
  const [dy, gates, g, tanhCell, c] = slices as [string, string, string, string, string]
  const mul = (a: string, b: string): string => body.op('Mul', [a, b])
  const lessSquare = (a: string, by: string): string => body.op('Sub', [a, mul(a, mul(by, by))])
  const [i, f, o] = body.ops('Split', [gates, body.ints([hidden, hidden, hidden])], 3, {
    axis: 1,
  }) as [string, string, string]
  const hiddenGradient = body.op('Add', [dh, dy])
  const cellGradient = body.op('Add', [dc, lessSquare(mul(hiddenGradient, o), tanhCell)])
  const towardsGates = body.op(
    'Concat',
    [mul(cellGradient, g), mul(cellGradient, c), mul(hiddenGradient, tanhCell)],
    {
      axis: 1,
    },
  )
  const slope = body.op('Sub', [gates, mul(gates, gates)])
  const dz = body.op('Concat', [mul(towardsGates, slope), lessSquare(mul(cellGradient, i), g)], {
    axis: 1,
  })
  return {
    states: [shortProducts(body, dz, recurrent, { transB: 1 }), mul(cellGradient, f)],
    outputs: [{ name: dz, shape: [batch, 4 * hidden] }],
  }
}
