import type { Graph } from '../../onnx/graph.ts'
import type { Value } from './tape.ts'

/** Numbers of one direction, laid out as in LstmWeights. */
export interface LstmNumbers {
  W: Float32Array
  R: Float32Array
  b: Float32Array
}

/** Place of our gates i, f, o, g in ONNX’s order i, o, f, c. */
const GATE = [0, 2, 1, 3] as const

/**
 * The same layer as `lstm` as ONNX’s own LSTM node with constant weights and a free batch: for
 * serving.
 */
export function serveLstm(
  graph: Graph,
  x: Value,
  directions: readonly LstmNumbers[],
  hidden: number,
): Value {
  const [steps, batch, width] = x.shape as [number, number, number]
  const count = directions.length
  const W = graph.floats(
    turn(
      directions.map(d => d.W),
      hidden,
      width,
    ),
    [count, 4 * hidden, width],
  )
  const R = graph.floats(
    turn(
      directions.map(d => d.R),
      hidden,
      hidden,
    ),
    [count, 4 * hidden, hidden],
  )
  // ONNX keeps two biases, of input and recurrence; the second stays 0.
  const biases = directions.flatMap(d => [
    ...turn([d.b], hidden, 1),
    ...new Float32Array(4 * hidden),
  ])
  const direction = count === 2 ? 'bidirectional' : 'forward'
  const y = graph.op('LSTM', [x.name, W, R, graph.floats(biases, [count, 8 * hidden])], {
    hidden_size: hidden,
    direction,
  })
  const byTime = graph.op('Transpose', [y], { perm: [0, 2, 1, 3] })
  const shape = [steps, batch, count * hidden]
  return { name: graph.op('Reshape', [byTime, graph.ints(shape)]), shape }
}

/** [rows, 4H] in our gate order → [4H, rows] in ONNX’s, one direction after the other. */
function turn(matrices: readonly Float32Array[], hidden: number, rows: number): Float32Array {
  const out = new Float32Array(matrices.length * 4 * hidden * rows)
  let at = 0
  for (const matrix of matrices)
    for (const gate of GATE)
      for (let h = 0; h < hidden; h++)
        for (let row = 0; row < rows; row++)
          out[at++] = matrix[row * 4 * hidden + gate * hidden + h]!
  return out
}
