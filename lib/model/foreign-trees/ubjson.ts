import { DataError } from '../../base/errors.ts'

/** Values within values; no model is as deep. */
const DEEPEST = 512

/**
 * Reads Universal Binary JSON (ubjson.org, draft 12), as XGBoost writes it: containers with and
 * without type and count. Numbers become numbers. Throws DataError where the bytes are not it.
 */
export function readUbjson(bytes: Buffer): unknown {
  const reader = makeReader(bytes)
  return readValue(reader, reader.marker(), 0)
}

interface Reader {
  marker(): string
  /** Whether the next marker is this one, which is then passed. */
  isNext(marker: string): boolean
  number(type: string): number
  text(size: number): string
}

function makeReader(bytes: Buffer): Reader {
  let at = 0
  const step = (size: number): number => {
    if (!(size >= 0) || at + size > bytes.length)
      throw new DataError(`the UBJSON file ends inside a value at byte ${at}: truncated`)
    at += size
    return at - size
  }
  return {
    marker: () => String.fromCharCode(bytes[step(1)]!),
    isNext(marker) {
      const isIt = at < bytes.length && String.fromCharCode(bytes[at]!) === marker
      if (isIt) at++
      return isIt
    },
    number(type) {
      const read = NUMBERS[type]
      if (read === undefined) throw new DataError(`no UBJSON number ${type} at byte ${at}`)
      return read[1](bytes, step(read[0]))
    },
    text(size) {
      const from = step(size)
      return bytes.toString('utf8', from, from + size)
    },
  }
}

const NUMBERS: Readonly<
  Record<string, [size: number, read: (from: Buffer, at: number) => number]>
> = {
  i: [1, (from, at) => from.readInt8(at)],
  U: [1, (from, at) => from.readUInt8(at)],
  I: [2, (from, at) => from.readInt16BE(at)],
  l: [4, (from, at) => from.readInt32BE(at)],
  L: [8, (from, at) => Number(from.readBigInt64BE(at))],
  d: [4, (from, at) => from.readFloatBE(at)],
  D: [8, (from, at) => from.readDoubleBE(at)],
}

function readValue(reader: Reader, type: string, depth: number): unknown {
  if (depth > DEEPEST) throw new DataError(`UBJSON over ${DEEPEST} deep`)
  if (type === 'Z' || type === 'N') return null
  if (type === 'T') return true
  if (type === 'F') return false
  if (type === 'C') return reader.text(1)
  if (type === 'S' || type === 'H') return reader.text(reader.number(reader.marker()))
  if (type === '[') return readList(reader, depth)
  if (type === '{') return readObject(reader, depth)
  return reader.number(type)
}

/** `$` type and `#` count before the items of a container. */
function readHead(reader: Reader): { type: string | undefined; count: number | undefined } {
  const type = reader.isNext('$') ? reader.marker() : undefined
  const count = reader.isNext('#') ? reader.number(reader.marker()) : undefined
  if (type !== undefined && count === undefined) throw new DataError('UBJSON type without count')
  return { type, count }
}

function readList(reader: Reader, depth: number): unknown[] {
  const { type, count } = readHead(reader)
  const items: unknown[] = []
  while (count === undefined ? !reader.isNext(']') : items.length < count)
    items.push(readValue(reader, type ?? reader.marker(), depth + 1))
  return items
}

function readObject(reader: Reader, depth: number): Record<string, unknown> {
  const { type, count } = readHead(reader)
  const fields: [string, unknown][] = []
  while (count === undefined ? !reader.isNext('}') : fields.length < count) {
    const key = reader.text(reader.number(reader.marker()))
    fields.push([key, readValue(reader, type ?? reader.marker(), depth + 1)])
  }
  return Object.fromEntries(fields)
}
