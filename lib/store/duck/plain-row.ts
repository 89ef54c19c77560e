import type { DuckDBType, DuckDBValue } from '@duckdb/node-api'

/**
 * A row of a query as JSON can hold it. Unknown stays absent: NULL makes no key (in a list it is
 * null). Whole numbers of any width are numbers while they are exact (up to 2^53 − 1) and decimal
 * strings beyond; DECIMAL likewise up to 15 digits. Dates and times are ISO 8601 in UTC, blobs
 * base64, columns of type JSON are nested values. NaN and infinities are words.
 */
export function toPlainRow(
  row: readonly DuckDBValue[],
  names: readonly string[],
  types: readonly DuckDBType[],
): Record<string, unknown> {
  const plain: Record<string, unknown> = {}
  for (let i = 0; i < row.length; i++) {
    const value = row[i] as DuckDBValue
    if (value === null) continue
    const isJson = types[i]?.alias === 'JSON' && typeof value === 'string'
    const item = isJson ? withoutNulls(JSON.parse(value)) : toPlain(value)
    if (item !== null && item !== undefined) {
      Object.defineProperty(plain, names[i]!, { value: item, enumerable: true, configurable: true })
    }
  }
  return plain
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER)
const isSafe = (value: bigint): boolean => value <= SAFE && value >= -SAFE

function toPlain(value: DuckDBValue): unknown {
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : String(value)
  return typeof value === 'object' && value !== null ? plainObject(value) : value
}

function plainObject(value: object): unknown {
  if ('items' in value) return (value.items as DuckDBValue[]).map(toPlain)
  if ('entries' in value)
    return Array.isArray(value.entries) ? plainMap(value.entries) : plainStruct(value.entries)
  if ('scale' in value) return plainDecimal(String(value))
  if ('bytes' in value) return Buffer.from(value.bytes as Uint8Array).toString('base64')
  const text = String(value)
  if (!('micros' in value)) return text
  // The engine shows a moment by the clock of the machine; where that is UTC it says +00.
  if (/ .*[+-]\d\d(:\d\d)?$/.test(text) && !text.endsWith('+00'))
    return utcOf(value.micros as bigint)
  return text.replace(' ', 'T').replace(/(\+00)?$/, 'Z')
}

/** A moment in microseconds as ISO 8601, digits of the second as far as they say something. */
function utcOf(micros: bigint): string {
  const second = (micros - (((micros % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n
  const rest = String(micros - second * 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const whole = new Date(Number(second) * 1000).toISOString().slice(0, 19)
  return `${whole}${rest === '' ? '' : `.${rest}`}Z`
}

const plainMap = (entries: readonly { key: DuckDBValue; value: DuckDBValue }[]): unknown =>
  plainEntries(entries.map(({ key, value }) => [String(toPlain(key)), value]))
const plainStruct = (entries: unknown): unknown =>
  plainEntries(Object.entries(entries as Record<string, DuckDBValue>))

function plainEntries(entries: readonly (readonly [string, DuckDBValue])[]): unknown {
  return Object.fromEntries(
    entries.filter(([, value]) => value !== null).map(([key, value]) => [key, toPlain(value)]),
  )
}

const plainDecimal = (text: string): unknown =>
  text.replace(/[-.]/g, '').length <= 15 ? Number(text) : text

/** Removes keys whose value is null at every depth. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item)]),
  )
}
