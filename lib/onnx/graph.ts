import { type TensorData, tensorOf } from './tensor.ts'

/** Element types of ONNX TensorProto.DataType that we use. */
export const ELEMENT = { float: 1, int32: 6, int64: 7, string: 8, bool: 9, double: 11 } as const
type Element = keyof typeof ELEMENT

/**
 * A number is an int attribute; `{ float }` a float one; Float32Array floats; a list of numbers
 * ints; a Graph a subgraph.
 */
export type Attribute =
  | number
  | { float: number }
  | string
  | readonly number[]
  | Int32Array
  | Float32Array
  | readonly string[]
  | TensorData
  | Graph
type Attributes = Record<string, Attribute>

export interface Node {
  type: string
  domain: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Attributes
}
export interface ValueInfo {
  name: string
  /** A number is a fixed size, a text a named free one (`N`). */
  shape: readonly (number | string)[]
  type: Element
}
interface Constant {
  name: string
  tensor: TensorData
}

/**
 * An ONNX graph under construction. Values are their names; every helper returns the name of what
 * it made.
 */
export interface Graph {
  readonly name: string
  readonly nodes: readonly Node[]
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly constants: readonly Constant[]
  /** Declares a graph input. */
  input(name: string, shape: readonly (number | string)[], type?: Element): string
  /** Declares that the value `name` is a graph output. */
  output(name: string, shape: readonly (number | string)[], type?: Element): string
  /**
   * A node with one output. `ai.onnx.ml.X` puts X into that domain. An empty input name is an
   * omitted input.
   */
  op(type: string, inputs: readonly string[], attributes?: Attributes): string
  /** A node with several outputs. */
  ops(type: string, inputs: readonly string[], count: number, attributes?: Attributes): string[]
  /** A node whose output names are given (graph outputs). */
  emit(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Attributes,
  ): void
  /** A float32 constant; equal scalars share one. */
  floats(data: ArrayLike<number>, shape: readonly number[]): string
  /** A float32 scalar constant. */
  scalar(value: number): string
  /** An int64 constant, one-dimensional unless a shape is given; equal ones share one. */
  ints(data: readonly number[], shape?: readonly number[]): string
  /** A text constant of one dimension. */
  strings(data: readonly string[]): string
  /** A boolean constant. */
  bools(data: readonly boolean[], shape: readonly number[]): string
  /** A name that no other value has, here or in a graph related by `child`. */
  fresh(prefix: string): string
  /**
   * A body for Scan, If or Loop. It shares the counter of names, so that it can refer to values of
   * this graph.
   */
  child(name: string): Graph
}

/**
 * Starts an empty graph. Names are numbered in the order of the calls: equal calls make equal
 * bytes.
 */
export function makeGraph(name: string): Graph {
  return graphWith(name, { next: 0 })
}

function graphWith(name: string, counter: { next: number }): Graph {
  const fresh = (prefix: string): string => `${prefix}_${counter.next++}`
  const inputs: ValueInfo[] = []
  const outputs: ValueInfo[] = []
  return {
    name,
    inputs,
    outputs,
    input(made, shape, type = 'float') {
      inputs.push({ name: made, shape, type })
      return made
    },
    output(made, shape, type = 'float') {
      outputs.push({ name: made, shape, type })
      return made
    },
    fresh,
    child: body => graphWith(body, counter),
    ...makeNodes(fresh),
    ...makeConstants(fresh),
  }
}

function makeNodes(fresh: Graph['fresh']): Pick<Graph, 'nodes' | 'emit' | 'ops' | 'op'> {
  const nodes: Node[] = []
  const emit: Graph['emit'] = (type, inputs, outputs, attributes = {}) => {
    const dot = type.lastIndexOf('.')
    nodes.push({
      type: type.slice(dot + 1),
      domain: type.slice(0, Math.max(dot, 0)),
      inputs,
      outputs,
      attributes,
    })
  }
  const ops: Graph['ops'] = (type, inputs, count, attributes) => {
    const prefix = type.slice(type.lastIndexOf('.') + 1).toLowerCase()
    const outputs = Array.from({ length: count }, () => fresh(prefix))
    emit(type, inputs, outputs, attributes)
    return outputs
  }
  return {
    nodes,
    emit,
    ops,
    op: (type, inputs, attributes) => ops(type, inputs, 1, attributes)[0]!,
  }
}

type Constants = Pick<Graph, 'constants' | 'floats' | 'scalar' | 'ints' | 'strings' | 'bools'>

function makeConstants(fresh: Graph['fresh']): Constants {
  const constants: Constant[] = []
  const shared = new Map<string, string>()
  const add = (tensor: TensorData): string => {
    const name = fresh('c')
    constants.push({ name, tensor })
    return name
  }
  const once = (key: string, make: () => TensorData): string => {
    const name = shared.get(key) ?? add(make())
    shared.set(key, name)
    return name
  }
  return {
    constants,
    floats: (data, shape) => add(tensorOf.float(data, shape)),
    scalar: value =>
      once(`f${Object.is(value, -0) ? '-0' : value}`, () => tensorOf.float([value], [])),
    ints: (data, shape = [data.length]) =>
      once(`i${shape.join()}:${data.join()}`, () => tensorOf.int64(data, shape)),
    strings: data => add(tensorOf.string(data)),
    bools: (data, shape) => add(tensorOf.bool(data, shape)),
  }
}
