import { DataError } from '../../../base/errors.ts'
import type { Built } from './pickle.ts'

/** Name of the class of a value out of a pickle, without its module; empty for plain values. */
export const builtName = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'class' in value
    ? (value as Built).class.split('.').at(-1)!
    : ''

/**
 * Contents of a pickled numpy array of float64 or float32, one-dimensional. Throws DataError naming
 * `field` for any other.
 */
export function arrayOf(value: unknown, field: string): Float64Array {
  const built = value as Built
  const [type, held] =
    builtName(value) === '_frombuffer'
      ? [built.args[1], built.args[0]]
      : [(built.state as unknown[])?.[2], (built.state as unknown[])?.[4]]
  const bytes = bytesOf(held)
  const code = codeOf(type)
  if (!(bytes instanceof Uint8Array) || !['f8', '<f8', 'f4', '<f4'].includes(code))
    throw new DataError('expected an array of float64 or float32', { field })
  if (((type as Built).state as unknown[] | undefined)?.[1] === '>')
    throw new DataError('big-endian arrays are not read', { field })
  const buffer = bytes.buffer.slice(
    bytes.byteOffset,
    bytes.byteOffset + bytes.byteLength,
  ) as ArrayBuffer
  return code.endsWith('8') ? new Float64Array(buffer) : Float64Array.from(new Float32Array(buffer))
}

/**
 * A plain value, or a numpy scalar (bool, int64, float64) as the number it holds. Throws DataError
 * for any other object.
 */
export function plainOf(value: unknown, field: string): unknown {
  if (Array.isArray(value)) return value.map(each => plainOf(each, field))
  const name = builtName(value)
  if (name === '') return value
  const [type, held] = (value as Built).args
  const bytes = bytesOf(held)
  const read = name === 'scalar' && bytes instanceof Uint8Array ? NUMBERS[codeOf(type)] : undefined
  if (read === undefined) throw new DataError(`expected a plain value, got a ${name}`, { field })
  return read(Buffer.from(bytes as Uint8Array))
}

const NUMBERS: Record<string, (bytes: Buffer) => number | boolean> = {
  b1: bytes => bytes[0] === 1,
  i8: bytes => Number(bytes.readBigInt64LE()),
  i4: bytes => bytes.readInt32LE(),
  f8: bytes => bytes.readDoubleLE(),
  f4: bytes => bytes.readFloatLE(),
}

const codeOf = (type: unknown): string => String((type as Built)?.args?.[0])

function bytesOf(value: unknown): unknown {
  const built = value as Built | undefined
  const [text, encoding] = built?.class === '_codecs.encode' ? built.args : []
  return typeof text === 'string' && encoding === 'latin1'
    ? Uint8Array.from(Buffer.from(text, 'latin1'))
    : value
}
