import { openBytes } from '../base/bytes.ts'
import { DataError, show } from '../base/errors.ts'
import { formatOf } from './table-source.ts'

/**
 * Where a row of a table file stands, for messages: `line 17` of a text, `row 16` of Parquet. Blank
 * lines count as lines and not as rows, a line break inside quotes as a line of its row.
 */
export async function lineOfRow(file: string, row: number): Promise<string> {
  const format = formatOf(file)
  if (format === 'parquet' || /[*?[]/.test(file)) return `row ${row}`
  const stop = new AbortController()
  let [line, found, isQuoted, isBlank] = [1, format === 'csv' ? -1 : 0, false, true]
  for await (const chunk of openBytes(file, stop.signal)) {
    for (const byte of chunk) {
      if (byte === 34 && format === 'csv') isQuoted = !isQuoted
      if (byte === 10 && !isQuoted) isBlank = true
      // The first byte of a row: it is the one after as many rows, and after the header.
      else if (isBlank && byte !== 13 && byte !== 10 && byte !== 32) {
        isBlank = false
        if (++found === row) return `line ${line}`
      }
      if (byte === 10) line++
    }
  }
  return `row ${row}`
}

/**
 * What happened is never infinite: such a label is a fault of the table, not an unknown. Throws a
 * DataError with file, line and column.
 */
export async function mustBeFinite(
  file: string,
  field: string,
  infinite: { value: string; row: number } | undefined,
): Promise<void> {
  if (infinite === undefined) return
  const error = new DataError(`expected a label, got ${show(infinite.value)}`, { field })
  error.place = `${file}: ${await lineOfRow(file, infinite.row)}`
  throw error
}
