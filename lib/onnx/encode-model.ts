import { type Attribute, ELEMENT, type Graph, type Node, type ValueInfo } from './graph.ts'
import type { TensorData } from './tensor.ts'
import { makeWire, type Wire } from './wire.ts'

/*
 * Field numbers of onnx.proto (github.com/onnx/onnx, IR version 8):
 *   ModelProto      1 ir_version, 2 producer_name, 7 graph, 8 opset_import, 14 metadata_props
 *   GraphProto      1 node, 2 name, 5 initializer, 11 input, 12 output
 *   NodeProto       1 input, 2 output, 4 op_type, 5 attribute, 7 domain
 *   AttributeProto  1 name, 2 f, 3 i, 4 s, 5 t, 6 g, 7 floats, 8 ints, 9 strings, 20 type
 *   TensorProto     1 dims, 2 data_type, 6 string_data, 8 name, 9 raw_data
 */
const IR_VERSION = 8

/**
 * The file bytes of a graph. `mlOpset` is needed as soon as a node is of the domain ai.onnx.ml.
 * Same graph, same bytes.
 */
export function encodeModel(
  graph: Graph,
  { opset = 17, mlOpset }: { opset?: number; mlOpset?: number } = {},
): Uint8Array {
  const model = makeWire()
    .int(1, IR_VERSION)
    .bytes(2, 'sluice')
    .bytes(7, encodeGraph(graph))
    .bytes(8, opsetOf('', opset))
  if (mlOpset !== undefined) model.bytes(8, opsetOf('ai.onnx.ml', mlOpset))
  return Uint8Array.from(model.finish())
}

const opsetOf = (domain: string, version: number): Wire =>
  makeWire().bytes(1, domain).int(2, version)

function encodeGraph(graph: Graph): Wire {
  const wire = makeWire()
  for (const node of graph.nodes) wire.bytes(1, encodeNode(node))
  wire.bytes(2, graph.name)
  for (const { name, tensor } of graph.constants) wire.bytes(5, encodeConstant(name, tensor))
  for (const value of graph.inputs) wire.bytes(11, encodeValue(value))
  for (const value of graph.outputs) wire.bytes(12, encodeValue(value))
  return wire
}

/** NodeProto. */
export function encodeNode(node: Node): Wire {
  const wire = makeWire()
  for (const name of node.inputs) wire.bytes(1, name)
  for (const name of node.outputs) wire.bytes(2, name)
  wire.bytes(4, node.type)
  for (const [name, value] of Object.entries(node.attributes))
    wire.bytes(5, encodeAttribute(name, value))
  if (node.domain !== '') wire.bytes(7, node.domain)
  return wire
}

/** AttributeProto.AttributeType: 1 FLOAT, 2 INT, 3 STRING, 4 TENSOR, 5 GRAPH, 6–8 lists of 1–3. */
function encodeAttribute(name: string, value: Attribute): Wire {
  const wire = makeWire().bytes(1, name)
  if (typeof value === 'number') return wire.int(3, value).int(20, 2)
  if (typeof value === 'string') return wire.bytes(4, value).int(20, 3)
  if (value instanceof Float32Array) return wire.floats(7, value).int(20, 6)
  if (value instanceof Int32Array || isNumbers(value)) return wire.ints(8, value).int(20, 7)
  if (isStrings(value)) {
    for (const text of value) wire.bytes(9, text)
    return wire.int(20, 8)
  }
  if ('bytes' in value) return wire.bytes(5, encodeConstant('', value)).int(20, 4)
  if ('float' in value) return wire.float(2, value.float).int(20, 1)
  return wire.bytes(6, encodeGraph(value as Graph)).int(20, 5)
}

const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && typeof value[0] === 'string'
const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && typeof value[0] !== 'string'

/** TensorProto of a named constant. */
export function encodeConstant(name: string, tensor: TensorData): Wire {
  const wire = makeWire()
  for (const side of tensor.shape) wire.int(1, side)
  wire.int(2, ELEMENT[tensor.type])
  for (const text of tensor.strings ?? []) wire.bytes(6, text)
  wire.bytes(8, name)
  return tensor.strings === undefined ? wire.bytes(9, tensor.bytes) : wire
}

/** ValueInfoProto of an input or output. */
export function encodeValue({ name, shape, type }: ValueInfo): Wire {
  const dims = makeWire()
  for (const side of shape)
    dims.bytes(1, typeof side === 'number' ? makeWire().int(1, side) : makeWire().bytes(2, side))
  const tensor = makeWire().int(1, ELEMENT[type]).bytes(2, dims)
  return makeWire().bytes(1, name).bytes(2, makeWire().bytes(1, tensor))
}
