import { DataError } from '../../../base/errors.ts'
import { parseTime } from '../../../table/table-time.ts'
import { type CsvLine, readCsvLines, separatorOf, splitFields } from './csv.ts'
import { BARS, KLINES, type PriceTable, type RawRow } from './price-table.ts'

/** Lines before the header that say where a file is from, or how it is written. */
const PREAMBLE = /^["']?(https?:\/\/|www\.)|^["']?sep=|^#(?!.*,.*,.*,.*,)/i
const MAX_PREAMBLE = 20
const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?$/

/**
 * Text with a separator, with a header or without: lines with a link or a remark before it are left
 * out, a first row of numbers is data. Throws a DataError for an endless line.
 */
export async function textTable(
  chunks: AsyncIterable<Buffer>,
  { decimal }: { decimal: ',' | '.' },
): Promise<PriceTable | undefined> {
  const lines = readCsvLines(chunks)
  let held: CsvLine[] = []
  let skipped = 0
  const isShort = (): boolean => held.length - skipped < 2
  for (let next = await lines.next(); !next.done; next = await lines.next()) {
    held = held.concat(next.value)
    while (skipped < Math.min(held.length, MAX_PREAMBLE) && PREAMBLE.test(held[skipped]!.text))
      skipped++
    if (!isShort()) break
  }
  const [top, second] = held.slice(skipped)
  if (top === undefined) return undefined
  const separator = decimal === ',' ? commaFree(top.text) : separatorOf(top.text)
  const split = (raw: string): string[] => splitFields(raw, separator)
  const fields = located(top.no, () => split(top.text).map(cell => cell.trim()))
  const isHeaderless = isData(fields)
  const rest = held.slice(skipped + (isHeaderless ? 0 : 1))
  async function* rows(): AsyncGenerator<RawRow[]> {
    if (rest.length > 0) yield rest.map(toRow)
    for await (const batch of lines) yield batch.map(toRow)
  }
  const from = skipped > 0 ? `, from line ${top.no}` : ''
  const first = isHeaderless ? fields : attempt(() => second && split(second.text))
  const table = { line: top.no, split, first, rows: rows() }
  if (!isHeaderless) return { ...table, format: `CSV${from}`, header: fields }
  const header = layoutOf(fields)
  const name = header === KLINES ? 'Binance klines' : 'CSV'
  return { ...table, format: `${name} without header${from}`, header, isHeaderless }
}

const toRow = ({ no, text }: CsvLine): RawRow => ({ no, raw: text })

/** With decimal commas no comma separates cells. */
const commaFree = (line: string): string =>
  line.split('\t').length > line.split(';').length ? '\t' : ';'

/** A row of a price table has five numbers at least; no header has one. */
function isData(fields: readonly string[]): boolean {
  const numbers = fields.filter(cell => NUMBER.test(cell)).length
  return numbers >= 5 || (numbers >= 4 && !Number.isNaN(parseTime(fields[0] ?? '')))
}

/** Names of the columns that a row without header has by its width; numbers where none is known. */
function layoutOf(fields: readonly string[]): readonly string[] {
  if (fields.length === KLINES.length) return KLINES
  const isClock = /^\d{1,2}:\d{2}/.test(fields[1] ?? '')
  const known = isClock ? ['date', 'time', ...BARS.slice(1)] : [...BARS, 'trades']
  return fields.length === known.length || (!isClock && fields.length === BARS.length)
    ? known.slice(0, fields.length)
    : fields.map((_, at) => String(at + 1))
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined // A broken row is refused when it is read as one.
  }
}

function located<T>(line: number, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof DataError) error.line ??= line
    throw error
  }
}
