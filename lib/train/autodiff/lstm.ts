import type { Graph } from '../../onnx/graph.ts'
import { byDirection, type Direction, type LstmWeights } from './lstm-backward.ts'
import { scan } from './scan.ts'
import { sizeOf, type Tape, type Value } from './tape.ts'

/**
 * LSTM over time-major x [T, B, F] → [T, B, H], or [T, B, 2H] with two directions, the second
 * backwards in time (Hochreiter & Schmidhuber 1997, with forget gates). One Scan runs both; x·W + b
 * of all steps is one product outside it.
 */
export function lstm(tape: Tape, x: Value, weights: readonly LstmWeights[]): Value {
  const { graph } = tape
  const [steps, batch, width] = x.shape as [number, number, number]
  const hidden = weights[0]!.R.shape[0]!
  const rows = graph.op('Reshape', [x.name, graph.ints([sizeOf([steps, batch]), width])])
  const project = ({ W, b }: LstmWeights): Value => ({
    name: graph.op('Reshape', [
      graph.op('Gemm', [rows, W.name, b.name]),
      graph.ints([steps, batch, 4 * hidden]),
    ]),
    shape: [steps, batch, 4 * hidden],
  })
  const zero = {
    name: graph.floats(new Float32Array(batch * hidden), [batch, hidden]),
    shape: [batch, hidden],
  }
  const kept = scan(
    graph,
    weights.map((weight, i) => ({
      initial: [zero, zero],
      sequences: [project(weight)],
      backwards: i === 1,
      step: (body, [h, c], [z]) => cell(body, { batch, projected: z!, h: h!, c: c! }, weight.R),
    })),
  )
  const outs = kept.map(([h]) => h!.name)
  const name = outs.length === 1 ? outs[0]! : graph.op('Concat', outs, { axis: 2 })
  const out = { name, shape: [steps, batch, outs.length * hidden] }
  const directions: Direction[] = kept.map(
    ([, gates, candidate, tanhCell, cellBefore, hiddenBefore], i) => ({
      weights: weights[i]!,
      trace: {
        gates: gates!,
        candidate: candidate!,
        tanhCell: tanhCell!,
        cellBefore: cellBefore!,
        hiddenBefore: hiddenBefore!,
      },
      backwards: i === 1,
    }),
  )
  const inputs = [x, ...weights.flatMap(({ W, R, b }) => [W, R, b])]
  tape.record([out], inputs, ([d]) =>
    byDirection(graph, { x, rows, zero, directions, gradient: d! }),
  )
  return out
}

interface CellInput {
  batch: number
  projected: string
  h: string
  c: string
}

/** z = x·W + b + h·R; i, f, o = σ(z), g = tanh(z); c' = f⊙c + i⊙g; h' = o⊙tanh c'. */
function cell(
  body: Graph,
  { batch, projected, h, c }: CellInput,
  recurrent: Value,
): { states: string[]; outputs: Value[] } {
  const hidden = recurrent.shape[0]!
  const z = body.op('Gemm', [h, recurrent.name, projected])
  const [zGates, zCandidate] = body.ops('Split', [z, body.ints([3 * hidden, hidden])], 2, {
    axis: 1,
  })
  const gates = body.op('Sigmoid', [zGates!])
  const candidate = body.op('Tanh', [zCandidate!])
  const [i, f, o] = body.ops('Split', [gates, body.ints([hidden, hidden, hidden])], 3, { axis: 1 })
  const next = body.op('Add', [body.op('Mul', [f!, c]), body.op('Mul', [i!, candidate])])
  const tanhCell = body.op('Tanh', [next])
  const out = body.op('Mul', [o!, tanhCell])
  const value = (name: string, width = hidden): Value => ({ name, shape: [batch, width] })
  return {
    states: [out, next],
    outputs: [
      value(out),
      value(gates, 3 * hidden),
      value(candidate),
      value(tanhCell),
      value(c),
      value(h),
    ],
  }
}
