import { UsageError } from '../../base/errors.ts'
import { timeRuleOf } from '../../table/time-flags.ts'
import type { Duck } from '../duck/duck.ts'
import { ident, quote, quoteList } from '../duck/sql.ts'
import type { QueryFlags } from './query-flags.ts'

/** How the text tables of a query are written. */
export type WrittenAs = Partial<Pick<QueryFlags, 'timeFormat' | 'decimal'>>

/**
 * SQL that reads files of one kind, which the first of them tells. All cells say what a column is.
 * Dates are those of ISO 8601: `01/03/2024` stays a text, as nobody knows which of its numbers is
 * the month, unless `timeFormat` says it; then each column whose cells are all written so is one of
 * times. Throws UsageError for a format that is none.
 */
export async function selectTyped(
  duck: Duck,
  paths: readonly string[],
  { timeFormat, decimal = '.' }: WrittenAs,
): Promise<string> {
  const select = selectFiles(paths, decimal)
  if (timeFormat === undefined || !isCsv(paths[0])) return select
  const formats = quoteList(formatsOf(timeFormat))
  const rows = await duck.rows(`DESCRIBE ${select}`)
  const texts = rows.filter(row => row.column_type === 'VARCHAR').map(row => `${row.column_name}`)
  if (texts.length === 0) return select
  const time = (name: string): string => `try_strptime(trim(${ident(name)}), ${formats})`
  const counts = texts.map(
    (name, i) =>
      `count(${ident(name)}) = count(${time(name)}) AND count(${time(name)}) > 0 AS t${i}`,
  )
  const [found = {}] = await duck.rows(`SELECT ${counts.join(', ')} FROM (${select})`)
  const times = texts.filter((_, i) => found[`t${i}`] === true)
  if (times.length === 0) return select
  const replaced = times.map(name => `${time(name)} AS ${ident(name)}`)
  return `SELECT * REPLACE (${replaced.join(', ')}) FROM (${select})`
}

const isCsv = (path = ''): boolean => /\.[ct]sv(\.gz|\.zst)?$/i.test(path)

function selectFiles(paths: readonly string[], decimal: ',' | '.'): string {
  const list = quoteList(paths)
  const first = paths[0] ?? ''
  if (/\.parquet$/i.test(first)) return `SELECT * FROM read_parquet(${list}, union_by_name = true)`
  if (isCsv(first))
    return (
      `SELECT * FROM read_csv(${list}, union_by_name = true, sample_size = -1, ` +
      `dateformat = 'iso', decimal_separator = ${quote(decimal)})`
    )
  return `SELECT * FROM read_json(${list}, format = 'newline_delimited',
    sample_size = -1, map_inference_threshold = -1, maximum_object_size = 16777216,
    convert_strings_to_integers = false)`
}

const CLOCKS = ['', ' %H:%M', ' %H:%M:%S', ' %H:%M:%S.%f', ', %H:%M', ', %H:%M:%S']

/** The ways in which a format may be written, as strptime reads them. */
function formatsOf(timeFormat: string): string[] {
  const { order, pattern } = timeRuleOf({ timeFormat })
  if (order === undefined && pattern !== undefined) {
    if (timeFormat.includes('%')) return [timeFormat]
    throw new UsageError('--time-format: expected dmy, mdy or a pattern such as %d/%m/%Y %H:%M')
  }
  const days = order === 'dmy' ? ['%d', '%m', '%Y'] : ['%m', '%d', '%Y']
  return ['/', '.', '-'].flatMap(by => CLOCKS.map(clock => days.join(by) + clock))
}
