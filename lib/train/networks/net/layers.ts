import { attention } from '../../autodiff/attention.ts'
import { linear } from '../../autodiff/linear.ts'
import { lstm } from '../../autodiff/lstm.ts'
import { serveLstm } from '../../autodiff/lstm-serve.ts'
import { layerNorm } from '../../autodiff/normalise.ts'
import type { Value } from '../../autodiff/tape.ts'
import type { Scope } from './network.ts'
import type { Parameter } from './weights.ts'

const uniform = (name: string, shape: number[], width: number): Parameter => ({
  name,
  shape,
  start: { bound: 1 / Math.sqrt(width) },
})
const filled = (name: string, shape: number[], fill: number): Parameter => ({
  name,
  shape,
  start: { fill },
})

/** Fully connected layer over the last axis. */
export const denseParameters = (name: string, width: number, out: number): Parameter[] => [
  uniform(`${name}.W`, [width, out], width),
  filled(`${name}.b`, [out], 0),
]

/** Layer x·W + b over the last axis of x, width → out. */
export const dense = ({ tape, weights }: Scope, x: Value, name: string): Value =>
  linear(tape, x, weights.value(`${name}.W`), weights.value(`${name}.b`))

/** Layer normalisation with gain and bias. */
export const normParameters = (name: string, width: number): Parameter[] => [
  filled(`${name}.gain`, [width], 1),
  filled(`${name}.bias`, [width], 0),
]

/** Layer normalisation of the last axis of x; the shape stays. */
export const norm = ({ tape, weights }: Scope, x: Value, name: string): Value =>
  layerNorm(tape, x, weights.value(`${name}.gain`), weights.value(`${name}.bias`))

/** LSTM over [T, B, width] with one direction, or two (`directions: ['f', 'b']`). */
export const lstmParameters = (
  name: string,
  width: number,
  hidden: number,
  directions: readonly string[],
): Parameter[] =>
  directions.flatMap(direction => [
    uniform(`${name}.${direction}.W`, [width, 4 * hidden], hidden),
    uniform(`${name}.${direction}.R`, [hidden, 4 * hidden], hidden),
    { name: `${name}.${direction}.b`, shape: [4 * hidden], start: { forgetGate: 1 } },
  ])

/**
 * LSTM over x [T, B, width]: [T, B, hidden · directions]; in serving its weights are numbers of the
 * graph’s own LSTM.
 */
export function recurrent(
  { tape, weights }: Scope,
  x: Value,
  name: string,
  directions: readonly string[],
): Value {
  const of = <T>(get: (name: string) => T): { W: T; R: T; b: T }[] =>
    directions.map(d => ({
      W: get(`${name}.${d}.W`),
      R: get(`${name}.${d}.R`),
      b: get(`${name}.${d}.b`),
    }))
  if (weights.numbers === undefined) return lstm(tape, x, of(weights.value))
  const numbers = of(weights.numbers)
  return serveLstm(tape.graph, x, numbers, numbers[0]!.b.length / 4)
}

/** Multi-head self-attention over [B, T, width]. */
export const attentionParameters = (name: string, width: number): Parameter[] => [
  ...denseParameters(`${name}.in`, width, 3 * width),
  ...denseParameters(`${name}.out`, width, width),
]

/** Self-attention of x over its steps with so many heads; the shape stays. */
export function attend({ tape, weights }: Scope, x: Value, name: string, heads: number): Value {
  const { value } = weights
  const parts = {
    inW: value(`${name}.in.W`),
    inB: value(`${name}.in.b`),
    outW: value(`${name}.out.W`),
    outB: value(`${name}.out.b`),
  }
  return attention(tape, x, parts, heads)
}
