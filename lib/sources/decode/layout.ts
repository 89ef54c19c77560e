import { DataError } from '../../base/errors.ts'
import { keyText } from './base58.ts'

/** Borsh types that the programs use, little-endian. `shares` is a list of (key, u16). */
type FieldType =
  | 'u8'
  | 'u16'
  | 'u32'
  | 'u64'
  | 'u128'
  | 'i32'
  | 'i64'
  | 'i128'
  | 'bool'
  | 'key'
  | 'text'
  | 'shares'

type Value<T extends FieldType> = T extends 'u8' | 'u16' | 'u32' | 'i32' | 'shares'
  ? number
  : T extends 'bool'
    ? boolean
    : T extends 'key' | 'text'
      ? string
      : bigint

/** Name and type of a field. One whose name starts with `_` is passed over. */
type Field = readonly [name: string, type: FieldType]
type FieldList = readonly Field[]

type Named<F extends FieldList> = {
  [Row in F[number] as Row[0] extends `_${string}` ? never : Row[0]]: Value<Row[1]>
}

/**
 * Fields in the order of their bytes. `fields` must be there; `tail` has grown over time, so that
 * an older writer leaves the rest of it out. Bytes after the tail belong to a newer writer and are
 * ignored.
 */
interface Layout<F extends FieldList = FieldList, T extends FieldList = FieldList> {
  name: string
  fields: F
  tail: T
  /** Bytes that are known to follow and that nobody reads. */
  rest: number
}
type Decoded<L> = L extends Layout<infer F, infer T> ? Named<F> & Partial<Named<T>> : never

/** Declares a layout; the field lists give `decode` its type. */
export const layout = <const F extends FieldList, const T extends FieldList = readonly []>(
  name: string,
  fields: F,
  tail?: T,
  rest = 0,
): Layout<F, T> => ({ name, fields, tail: tail ?? ([] as unknown as T), rest })

/** Fields that a newer writer has appended to what was read. */
interface Appended {
  name: string
  bytes: number
}
const appended = new WeakMap<Buffer, Appended>()

/** What stood behind all that is known of these bytes, once they were read by `decode`. */
export const appendedTo = (bytes: Buffer): Appended | undefined => appended.get(bytes)

/** A field of an account at a fixed place. */
type Place = readonly [name: string, offset: number, type: Exclude<FieldType, 'text' | 'shares'>]
type Placed<F extends readonly Place[]> = { [Row in F[number] as Row[0]]: Value<Row[2]> }
interface AccountLayout<
  F extends readonly Place[] = readonly Place[],
  T extends readonly Place[] = readonly Place[],
> {
  name: string
  fields: F
  tail: T
}
type DecodedAccount<L> =
  L extends AccountLayout<infer F, infer T> ? Placed<F> & Partial<Placed<T>> : never

/**
 * Declares fields of an account by their offsets. An older account may end before those of `tail`.
 */
export const account = <
  const F extends readonly Place[],
  const T extends readonly Place[] = readonly [],
>(
  name: string,
  fields: F,
  tail?: T,
): AccountLayout<F, T> => ({ name, fields, tail: tail ?? ([] as unknown as T) })

const WIDTH = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  u128: 16,
  i32: 4,
  i64: 8,
  i128: 16,
  bool: 1,
  key: 32,
} as const

/** Longest text in an event; names are far shorter, and a log line cannot hold more. */
const MAX_TEXT = 16_384
const MAX_SHARES = 64

/**
 * Reads a layout from `from` on. Throws a DataError naming layout and field when a required field
 * is cut off or wrong.
 */
export function decode<L extends Layout>(of: L, bytes: Buffer, from: number): Decoded<L> {
  const out: Record<string, unknown> = {}
  let at = from
  for (const [name, type] of of.fields) {
    const end = endOf(bytes, at, type)
    if (end === undefined) throw cutOff(of.name, name)
    if (name[0] !== '_') out[name] = read([of.name, name], bytes, at, end, type)
    at = end
  }
  for (const [name, type] of of.tail) {
    const end = endOf(bytes, at, type)
    if (end === undefined) break
    if (name[0] !== '_') out[name] = read([of.name, name], bytes, at, end, type)
    at = end
  }
  const spare = bytes.length - at - of.rest
  if (spare > 0) appended.set(bytes, { name: of.name, bytes: spare })
  return out as Decoded<L>
}

/** Reads the fields of an account. Throws a DataError like `decode`. */
export function decodeAccount<L extends AccountLayout>(of: L, bytes: Buffer): DecodedAccount<L> {
  const out: Record<string, unknown> = {}
  for (const [name, offset, type] of of.fields) {
    const end = offset + WIDTH[type]
    if (end > bytes.length) throw cutOff(of.name, name)
    out[name] = read([of.name, name], bytes, offset, end, type)
  }
  for (const [name, offset, type] of of.tail) {
    const end = offset + WIDTH[type]
    if (end <= bytes.length) out[name] = read([of.name, name], bytes, offset, end, type)
  }
  return out as DecodedAccount<L>
}

const cutOff = (where: string, field: string): DataError =>
  new DataError('cut off', { field: `${where}.${field}` })

/** Where the field ends; undefined when it is not all there or longer than anything honest. */
function endOf(bytes: Buffer, at: number, type: FieldType): number | undefined {
  if (type !== 'text' && type !== 'shares') {
    const end = at + WIDTH[type]
    return end <= bytes.length ? end : undefined
  }
  if (at + 4 > bytes.length) return undefined
  const count = bytes.readUInt32LE(at)
  if (count > (type === 'text' ? MAX_TEXT : MAX_SHARES)) return undefined
  const end = at + 4 + count * (type === 'text' ? 1 : 34)
  return end <= bytes.length ? end : undefined
}

function read(
  where: readonly [layout: string, field: string],
  bytes: Buffer,
  at: number,
  end: number,
  type: FieldType,
): unknown {
  switch (type) {
    case 'key':
      return keyText(bytes, at)
    case 'u64':
      return bytes.readBigUInt64LE(at)
    case 'i64':
      return bytes.readBigInt64LE(at)
    case 'u128':
      return bytes.readBigUInt64LE(at) + (bytes.readBigUInt64LE(at + 8) << 64n)
    case 'i128':
      return bytes.readBigUInt64LE(at) + (bytes.readBigInt64LE(at + 8) << 64n)
    case 'text':
      return bytes.toString('utf8', at + 4, end)
    case 'bool':
      return truth(where, bytes[at]!)
    case 'i32':
      return bytes.readInt32LE(at)
    case 'shares':
      return bytes.readUInt32LE(at)
    default:
      return bytes.readUIntLE(at, end - at)
  }
}

function truth(where: readonly string[], byte: number): boolean {
  if (byte > 1) throw new DataError(`expected 0 or 1, got ${byte}`, { field: where.join('.') })
  return byte === 1
}
