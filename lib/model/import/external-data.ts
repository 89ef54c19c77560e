import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, messageOf, show } from '../../base/errors.ts'
import { type Field, fieldsOf, textOf, within, writeField } from '../../onnx/read-model.ts'
import { makeWire, type Wire } from '../../onnx/wire.ts'

/** A protobuf message, and so an ONNX file, holds less than this. */
const MOST = 2 ** 31 - 1

/*
 * Where tensors may stand, by field numbers of onnx.proto: ModelProto 7 graph, 25 functions;
 * GraphProto 1 node, 5 initializer, 15 sparse_initializer; NodeProto 5 attribute; AttributeProto 5
 * t, 6 g, 10 tensors, 11 graphs, 22 sparse_tensor, 23 sparse_tensors; SparseTensorProto 1 values, 2
 * indices; FunctionProto 7 node, 11 attribute_proto.
 */
type Part = 'model' | 'graph' | 'node' | 'attribute' | 'function' | 'sparse' | 'tensor'
const PARTS: Readonly<Record<Part, Readonly<Record<number, Part>>>> = {
  model: { 7: 'graph', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  function: { 7: 'node', 11: 'attribute' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
}

/** Graphs within graphs; nobody exports as many. */
const DEEPEST = 64

/** A file with all its numbers in it, and the files beside it that some of them came from. */
interface Whole {
  bytes: Uint8Array
  files: readonly string[]
}

/**
 * Takes the numbers that an ONNX file keeps in files beside it into the file: a bundle is one file
 * with one hash. Only plain files in the folder of the graph are read, no links, and no more than
 * the tensor says. Throws DataError for anything else.
 */
export function withExternalData(bytes: Uint8Array, folder: string): Whole {
  const files = new Map<string, number>()
  let total = bytes.length
  const read = (fields: readonly Field[]): Uint8Array => {
    const at = placeOf(fields)
    const data = readPart(folder, at)
    total += data.length
    if (total > MOST) throw new DataError('with its external data the model is over 2 GB')
    files.set(at.location, data.length)
    return data
  }
  const copy = (part: Part, message: readonly Field[], depth: number): Wire | undefined => {
    if (depth > DEEPEST) throw new DataError(`graphs within graphs, over ${DEEPEST} deep`)
    if (part === 'tensor') return isExternal(message) ? inlined(message, read) : undefined
    const wire = makeWire()
    let isChanged = false
    for (const field of message) {
      const inner = field.type === 2 ? PARTS[part][field.number] : undefined
      const made = inner === undefined ? undefined : copy(inner, within(field), depth + 1)
      if (made === undefined) writeField(wire, field)
      else wire.bytes(field.number, made)
      isChanged ||= made !== undefined
    }
    return isChanged ? wire : undefined
  }
  const made = copy('model', fieldsOf(bytes), 0)
  return { bytes: made === undefined ? bytes : made.finish(), files: [...files.keys()] }
}

/** TensorProto 9 raw_data, 13 external_data, 14 data_location, whose 1 is external. */
const isExternal = (tensor: readonly Field[]): boolean =>
  tensor.some(({ number, value }) => number === 14 && value === 1n)

function inlined(tensor: readonly Field[], read: (tensor: readonly Field[]) => Uint8Array): Wire {
  const wire = makeWire()
  for (const field of tensor) if (![9, 13, 14].includes(field.number)) writeField(wire, field)
  return wire.bytes(9, read(tensor))
}

interface Place {
  location: string
  offset: number
  length: number | undefined
}

/** StringStringEntryProto 1 key, 2 value. */
function placeOf(tensor: readonly Field[]): Place {
  const held = new Map(
    tensor
      .filter(({ number }) => number === 13)
      .map(field => {
        const entry = within(field)
        const at = (wanted: number): string => textOf(entry.find(({ number }) => number === wanted))
        return [at(1), at(2)] as const
      }),
  )
  const whole = (key: string): number | undefined => {
    const text = held.get(key)
    if (text === undefined) return undefined
    const value = Number(text)
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
      throw new DataError(`external data with the ${key} ${show(text)}`)
    return value
  }
  return {
    location: held.get('location') ?? '',
    offset: whole('offset') ?? 0,
    length: whole('length'),
  }
}

function readPart(folder: string, { location, offset, length }: Place): Buffer {
  const refused = (why: string): DataError =>
    new DataError(`external data ${show(location)}: ${why}; it is read only beside the graph`)
  if (location === '' || location === '.' || location === '..' || /[/\\\0]/.test(location))
    throw refused('no name of a file in the folder of the graph')
  const path = join(folder, location)
  try {
    if (lstatSync(path).isSymbolicLink()) throw refused('a link')
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stat = fstatSync(file)
      if (!stat.isFile()) throw refused('not a plain file')
      if (stat.nlink > 1) throw refused('a link: the file has another name as well, copy it')
      const size = length ?? stat.size - offset
      if (size < 0 || offset + size > stat.size || size > MOST)
        throw new DataError(
          `external data ${show(location)} has ${stat.size} bytes, the graph wants ${size} from ` +
            `${offset}: truncated, or of another model`,
        )
      const data = Buffer.alloc(size)
      if (readSync(file, data, 0, size, offset) !== size) throw refused('it ends early')
      return data
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof DataError) throw error
    throw refused(messageOf(error))
  }
}
