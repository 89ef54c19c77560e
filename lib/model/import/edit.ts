import { DataError } from '../../base/errors.ts'
import { encodeConstant, encodeNode, encodeValue } from '../../onnx/encode-model.ts'
import { makeGraph } from '../../onnx/graph.ts'
import { tensorOf } from '../../onnx/tensor.ts'
import { makeWire, type Wire } from '../../onnx/wire.ts'
import type { ImportFlags } from './import-flags.ts'
import type { Scaler } from './scalers.ts'

/** A field of a protobuf message, as it stands in the file. */
interface Field {
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

const text = (field: Field | undefined): string =>
  field?.value instanceof Uint8Array ? Buffer.from(field.value).toString('utf8') : ''
const nameOf = (value: Field): string =>
  text(fieldsOf(value.value as Uint8Array).find(({ number }) => number === 1))

function write(wire: Wire, { number, type, value }: Field): void {
  if (type === 0) wire.int(number, value as bigint)
  else if (type === 2) wire.bytes(number, value as Uint8Array)
  else wire.fixed(number, value as Uint8Array)
}

/** Ends of the graph and the head that comes out, once those not named by flags are found. */
type Ends = { [K in 'input' | 'output' | 'head']: NonNullable<ImportFlags[K]> }

/**
 * The graph input that takes the features is renamed to `features`, scaled first when there is a
 * scaler; `column` of the graph output holds the head.
 */
interface Edit extends Ends, Pick<ImportFlags, 'column'> {
  width: number
  scaler: Scaler | undefined
}

/**
 * Puts the scaler and the choice of a column into an ONNX file of another program, so that raw
 * features go in and one head comes out. GraphProto fields: 1 node, 5 initializer, 11 input, 12
 * output. Everything else stays as it is.
 */
export function editModel(bytes: Uint8Array, edit: Edit): Uint8Array {
  const model = fieldsOf(bytes)
  if (!model.some(({ number, type }) => number === 7 && type === 2))
    throw new DataError('not an ONNX file: it holds no graph')
  const out = makeWire()
  for (const field of model) {
    if (field.number === 7) out.bytes(7, editGraph(field.value as Uint8Array, edit))
    else write(out, field)
  }
  return Uint8Array.from(out.finish())
}

function editGraph(bytes: Uint8Array, edit: Edit): Wire {
  const fields = fieldsOf(bytes)
  const names = (number: number): string[] =>
    fields.filter(field => field.number === number).map(nameOf)
  const constants = names(5)
  const inputs = names(11).filter(name => !constants.includes(name))
  if (!inputs.includes(edit.input))
    throw new DataError(
      `the graph has inputs ${inputs.join(', ')}, not ${edit.input}; name one with --input`,
    )
  if (inputs.length > 1)
    throw new DataError(
      `the graph has ${inputs.length} inputs (${inputs.join(', ')}); only one can be fed ` +
        'with features',
    )
  if (!names(12).includes(edit.output))
    throw new DataError(
      `the graph has outputs ${names(12).join(', ')}, not ${edit.output}; name one with --output`,
    )
  const added = additions(edit)
  const wire = makeWire()
  for (const node of added.before) wire.bytes(1, encodeNode(node))
  for (const field of fields) {
    const isReplaced = (field.number === 11 && nameOf(field) === edit.input) || field.number === 12
    if (!isReplaced) write(wire, field)
  }
  for (const node of added.after) wire.bytes(1, encodeNode(node))
  for (const { name, tensor } of added.constants) wire.bytes(5, encodeConstant(name, tensor))
  wire.bytes(11, encodeValue({ name: 'features', shape: ['N', edit.width], type: 'float' }))
  return wire.bytes(12, encodeValue({ name: HEAD, shape: ['N', 1], type: 'float' }))
}

/** Name of the output of an imported head: one that no exporter uses. */
export const HEAD = 'sluice_head'

function additions({ input, width, scaler, output, column }: Edit) {
  const [before, after] = [makeGraph('before'), makeGraph('after')]
  if (scaler === undefined) before.emit('Identity', ['features'], [input])
  else {
    // Unknown values become the scaler's centre: what its training data held on average.
    before.emit('IsNaN', ['features'], ['sluice_unknown'])
    before.emit('Where', ['sluice_unknown', 'sluice_offset', 'features'], ['sluice_filled'])
    before.emit('Sub', ['sluice_filled', 'sluice_offset'], ['sluice_centred'])
    before.emit('Div', ['sluice_centred', 'sluice_scale'], [input])
  }
  if (column === undefined) after.emit('Reshape', [output, 'sluice_shape'], [HEAD])
  else after.emit('Gather', [output, 'sluice_column'], [HEAD], { axis: 1 })
  const constants = [
    ...(scaler === undefined
      ? []
      : [
          { name: 'sluice_offset', tensor: tensorOf.float(scaler.offset, [1, width]) },
          { name: 'sluice_scale', tensor: tensorOf.float(scaler.scale, [1, width]) },
        ]),
    column === undefined
      ? { name: 'sluice_shape', tensor: tensorOf.int64([-1, 1], [2]) }
      : { name: 'sluice_column', tensor: tensorOf.int64([column], [1]) },
  ]
  return { before: before.nodes, after: after.nodes, constants }
}
