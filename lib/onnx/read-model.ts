import { DataError } from '../base/errors.ts'
import type { Wire } from './wire.ts'

/** A field of a protobuf message, as it stands in the file. */
export interface Field {
  number: number
  type: number
  value: Uint8Array | bigint
}

/** Splits a protobuf message into its fields. Throws DataError where the bytes are not one. */
export function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) break
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
    throw new DataError(`not an ONNX file: bad number at byte ${at}`)
  }
  const slice = (size: number): Uint8Array => {
    if (at + size > bytes.length)
      throw new DataError(`the ONNX file ends inside a value at byte ${at}: truncated`)
    at += size
    return bytes.subarray(at - size, at)
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const type = tag & 7
    if (type !== 0 && type !== 1 && type !== 2 && type !== 5)
      throw new DataError(`not an ONNX file: field type ${type} at byte ${at}`)
    const value = type === 0 ? varint() : slice(type === 2 ? Number(varint()) : type === 1 ? 8 : 4)
    fields.push({ number: tag >>> 3, type, value })
  }
  return fields
}

/** Writes a field as it was read. */
export function writeField(wire: Wire, { number, type, value }: Field): void {
  if (type === 0) wire.int(number, value as bigint)
  else if (type === 2) wire.bytes(number, value as Uint8Array)
  else wire.fixed(number, value as Uint8Array)
}

/** Text of a field; empty where there is none. */
export const textOf = (field: Field | undefined): string =>
  field?.value instanceof Uint8Array ? Buffer.from(field.value).toString('utf8') : ''

/** A whole number of a field; undefined where there is none. */
const wholeOf = (field: Field | undefined): number | undefined =>
  typeof field?.value === 'bigint' ? Number(BigInt.asIntN(64, field.value)) : undefined

/** Fields of the nested message in a field; none where it holds no message. */
export const within = (field: Field | undefined): Field[] =>
  field?.value instanceof Uint8Array ? fieldsOf(field.value) : []

const first = (fields: readonly Field[], number: number): Field | undefined =>
  fields.find(field => field.number === number)
const all = (fields: readonly Field[], number: number): Field[] =>
  fields.filter(field => field.number === number)

/** An input or output of a graph. */
export interface Port {
  name: string
  /** TensorProto.DataType; 0 where it is no tensor (a sequence of maps, for instance). */
  type: number
  /** Sides; undefined where one is free. Undefined where the file does not say its rank. */
  shape: readonly (number | undefined)[] | undefined
}

/** A node; its attributes are decoded when they are asked for, since some hold millions. */
export interface ReadNode {
  type: string
  inputs: readonly string[]
  outputs: readonly string[]
  /** Texts of an attribute; none where it has none. */
  texts(attribute: string): string[]
  /** Whole numbers of an attribute; none where it has none. */
  wholes(attribute: string): number[]
}

/** What an ONNX file says of itself. */
export interface ReadModel {
  ir: number
  /** Version of the standard operators. */
  opset: number
  inputs: readonly Port[]
  outputs: readonly Port[]
  nodes: readonly ReadNode[]
  /** Texts of constants that hold texts, by name. */
  words: ReadonlyMap<string, readonly string[]>
  /** Every name of a value of the graph. */
  names: ReadonlySet<string>
}

/**
 * Reads ends and nodes of an ONNX file (onnx.proto: ModelProto 1 ir_version, 7 graph, 8
 * opset_import; the numbers of the parts are in encode-model.ts). Throws DataError where the bytes
 * are not one.
 */
export function readModel(bytes: Uint8Array): ReadModel {
  const model = fieldsOf(bytes)
  const held = first(model, 7)
  if (!(held?.value instanceof Uint8Array))
    throw new DataError('not an ONNX file: it holds no graph')
  const graph = within(held)
  const constants = all(graph, 5).map(within)
  const fixed = new Set(constants.map(fields => textOf(first(fields, 8))))
  const nodes = all(graph, 1).map(field => nodeOf(within(field)))
  const inputs = all(graph, 11)
    .map(portOf)
    .filter(({ name }) => !fixed.has(name))
  const opset = all(model, 8)
    .map(within)
    .find(fields => ['', 'ai.onnx'].includes(textOf(first(fields, 1))))
  return {
    ir: wholeOf(first(model, 1)) ?? 0,
    opset: wholeOf(first(opset ?? [], 2)) ?? 0,
    inputs,
    outputs: all(graph, 12).map(portOf),
    nodes,
    words: new Map(
      constants
        .filter(fields => fields.some(({ number }) => number === 6))
        .map(fields => [textOf(first(fields, 8)), all(fields, 6).map(textOf)]),
    ),
    names: new Set([
      ...fixed,
      ...inputs.map(({ name }) => name),
      ...nodes.flatMap(node => [...node.inputs, ...node.outputs]),
    ]),
  }
}

/** ValueInfoProto 1 name, 2 type; TypeProto 1 tensor; its 1 elem_type, 2 shape, of 1 dim. */
function portOf(field: Field): Port {
  const fields = within(field)
  const tensor = within(first(within(first(fields, 2)), 1))
  const shape = first(tensor, 2)
  return {
    name: textOf(first(fields, 1)),
    type: wholeOf(first(tensor, 1)) ?? 0,
    shape: shape && all(within(shape), 1).map(dim => wholeOf(first(within(dim), 1))),
  }
}

function nodeOf(fields: readonly Field[]): ReadNode {
  const held = new Map<string, Field[]>()
  for (const attribute of all(fields, 5).map(within))
    held.set(textOf(first(attribute, 1)), attribute)
  return {
    type: textOf(first(fields, 4)),
    inputs: all(fields, 1).map(textOf),
    outputs: all(fields, 2).map(textOf),
    texts: name =>
      (held.get(name) ?? []).filter(at => at.number === 4 || at.number === 9).map(textOf),
    wholes: name =>
      (held.get(name) ?? []).filter(at => at.number === 3 || at.number === 8).flatMap(wholesOf),
  }
}

/** Whole numbers of a field, which may hold many of them packed. */
function wholesOf(field: Field): number[] {
  if (typeof field.value === 'bigint') return [wholeOf(field)!]
  const out: number[] = []
  let [value, shift] = [0n, 0n]
  for (const byte of field.value) {
    value |= BigInt(byte & 127) << shift
    shift += 7n
    if (byte > 127) continue
    out.push(Number(BigInt.asIntN(64, value)))
    ;[value, shift] = [0n, 0n]
  }
  return out
}
