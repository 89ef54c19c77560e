import type { Field, Table, Vector } from 'apache-arrow'
import { DataError, show } from '../../../base/errors.ts'
import type { PriceTable, RawRow } from './price-table.ts'

const ROWS = 4096
/** A column of numbers packs to a fifth; more than this is no table but a trap. */
const MAX_BYTES = 2 * 1024 * 2 ** 20

/**
 * A table of Arrow IPC, a Feather file of version 2 included: plain, or packed with LZ4 (as
 * freqtrade writes it) or zstd. Throws a DataError for a damaged file and for types that are no
 * cells.
 */
export async function arrowTable(bytes: Buffer): Promise<PriceTable> {
  const arrow = await import('apache-arrow')
  const { registerCodecs } = await import('./arrow-codecs.ts')
  registerCodecs(arrow.compressionRegistry, arrow.CompressionType, MAX_BYTES)
  const table = attempt(() => arrow.tableFromIPC(bytes))
  const { fields } = table.schema
  const readers = fields.map((field, at) => readerOf(field, table.getChildAt(at), arrow))
  const row = (i: number): string[] => readers.map(read => read(i))
  async function* rows(): AsyncGenerator<RawRow[]> {
    for (let from = 0; from < table.numRows; from += ROWS) {
      const batch: RawRow[] = []
      for (let i = from; i < Math.min(from + ROWS, table.numRows); i++) {
        const cells = row(i)
        batch.push({ no: i + 1, raw: JSON.stringify(cells), fields: cells })
      }
      yield batch
    }
  }
  return {
    format: isFreqtrade(table) ? 'freqtrade feather' : 'Arrow',
    header: fields.map(({ name }) => name),
    first: table.numRows > 0 ? row(0) : undefined,
    rows: rows(),
  }
}

const isFreqtrade = ({ schema }: Table): boolean =>
  schema.fields
    .map(({ name }) => name)
    .sort()
    .join() === 'close,date,high,low,open,volume'

function attempt(read: () => Table): Table {
  try {
    return read()
  } catch (error) {
    throw error instanceof DataError
      ? error
      : new DataError(`no Arrow that can be read: ${show((error as Error).message, 120)}`)
  }
}

type Arrow = typeof import('apache-arrow')

/** Cells of a column as text; times as milliseconds UTC, rounded down. */
function readerOf(
  { name, type }: Field,
  column: Vector | null,
  { DataType }: Arrow,
): (row: number) => string {
  const get = (row: number): unknown => column?.get(row) ?? undefined
  const shown = (show: (value: never) => string) => (row: number) => {
    const value = get(row)
    return value === undefined ? '' : show(value as never)
  }
  const inner = DataType.isDictionary(type) ? type.dictionary : type
  // The library gives timestamps and dates of any unit as milliseconds.
  if (DataType.isTimestamp(inner) || DataType.isDate(inner))
    return shown((value: number) => String(Math.floor(value)))
  if (DataType.isDecimal(inner)) return shown((value: unknown) => unscaled(value, inner.scale))
  const isCell =
    DataType.isInt(inner) ||
    DataType.isFloat(inner) ||
    DataType.isUtf8(inner) ||
    DataType.isLargeUtf8(inner) ||
    DataType.isBool(inner)
  if (isCell) return shown((value: unknown) => String(value))
  return shown(() => {
    throw new DataError(`cells of type ${show(String(type))} are not read`, {
      field: name,
    })
  })
}

/** A decimal is a whole number and the digits behind its point. */
function unscaled(value: unknown, scale: number): string {
  const digits = String(value)
  const sign = digits.startsWith('-') ? '-' : ''
  const whole = digits.slice(sign.length).padStart(scale + 1, '0')
  return scale === 0
    ? sign + whole
    : `${sign}${whole.slice(0, whole.length - scale)}.${whole.slice(-scale)}`
}
