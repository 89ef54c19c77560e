import type { Rng } from '../../../base/rng.ts'
import type { Graph } from '../../../onnx/graph.ts'
import type { Value } from '../../autodiff/tape.ts'

/** A trained tensor and how it starts. */
export interface Parameter {
  name: string
  shape: readonly number[]
  /** Uniform in ±bound; else every number is `fill`. */
  start: { bound: number } | { fill: number } | { forgetGate: 1 }
}

/** Where each parameter lies in the one flat vector that training and checkpoints work on. */
export interface Layout {
  parameters: readonly Parameter[]
  size: number
  /** The part of `flat` that belongs to a parameter (shared memory), and its shape. */
  of(flat: Float32Array, name: string): Float32Array
  shapeOf(name: string): readonly number[]
}

/** Parameters of a graph: as inputs to train, or as constants to serve. */
export interface Weights {
  value(name: string): Value
  /** The numbers, where they are constants. */
  numbers?(name: string): Float32Array
}

const length = (shape: readonly number[]): number =>
  shape.reduce((product, side) => product * side, 1)

/** Lays parameters out one after the other, in the order given. Throws when two have one name. */
export function layoutOf(parameters: readonly Parameter[]): Layout {
  const places = new Map<string, { from: number; to: number; shape: readonly number[] }>()
  let size = 0
  for (const { name, shape } of parameters) {
    if (places.has(name)) throw new Error(`two parameters are called ${name}`)
    places.set(name, { from: size, to: (size += length(shape)), shape })
  }
  const place = (name: string): { from: number; to: number; shape: readonly number[] } => {
    const found = places.get(name)
    if (found === undefined) throw new Error(`no parameter is called ${name}`)
    return found
  }
  return {
    parameters,
    size,
    of: (flat, name) => flat.subarray(place(name).from, place(name).to),
    shapeOf: name => place(name).shape,
  }
}

/**
 * First values. The forget gates of an LSTM start open, bias 1 (Jozefowicz, Zaremba & Sutskever
 * 2015).
 */
export function startWeights(layout: Layout, rng: Rng): Float32Array {
  const flat = new Float32Array(layout.size)
  for (const { name, start } of layout.parameters) {
    const part = layout.of(flat, name)
    const from = rng.fork(name)
    if ('bound' in start)
      for (let i = 0; i < part.length; i++) part[i] = (2 * from.next() - 1) * start.bound
    else if ('fill' in start) part.fill(start.fill)
    else part.fill(1, part.length / 4, part.length / 2)
  }
  return flat
}

/** Cuts the flat input vector `P` into values that gradients flow to. */
export function trainableWeights(graph: Graph, layout: Layout, P: string): Weights {
  const shapes = layout.parameters.map(({ shape }) => shape)
  const parts = graph.ops('Split', [P, graph.ints(shapes.map(length))], shapes.length, { axis: 0 })
  const values = new Map(
    layout.parameters.map(({ name, shape }, i) => [
      name,
      {
        name: shape.length === 1 ? parts[i]! : graph.op('Reshape', [parts[i]!, graph.ints(shape)]),
        shape,
      },
    ]),
  )
  return {
    value(name) {
      const shape = layout.shapeOf(name)
      return values.get(name) ?? { name, shape }
    },
  }
}

/** Writes parameters into the graph as constants, each when it is first asked for. */
export function constantWeights(graph: Graph, layout: Layout, flat: Float32Array): Weights {
  const made = new Map<string, Value>()
  const numbers = (name: string): Float32Array => layout.of(flat, name)
  return {
    numbers,
    value(name) {
      const shape = layout.shapeOf(name)
      const value = made.get(name) ?? { name: graph.floats(numbers(name), shape), shape }
      made.set(name, value)
      return value
    },
  }
}

/** 1 where weight decay applies: matrices; not biases and gains, which have one axis. */
export function decayMask(layout: Layout): Float32Array {
  const mask = new Float32Array(layout.size)
  for (const { name, shape } of layout.parameters)
    layout.of(mask, name).fill(shape.length > 1 ? 1 : 0)
  return mask
}
