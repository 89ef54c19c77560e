import { DataError, UsageError } from '../../base/errors.ts'
import { repeatedNames, whyTwice } from '../../table/table-source.ts'
import { timeRuleOf } from '../../table/time-flags.ts'
import { makeZone } from '../../table/time-zone.ts'
import type { Duck } from '../duck/duck.ts'
import { ident, quote, quoteList } from '../duck/sql.ts'
import type { QueryFlags } from './query-flags.ts'

/** How the text tables of a query are written. */
export type WrittenAs = Partial<Pick<QueryFlags, 'timeFormat' | 'timeZone' | 'decimal'>> & {
  remark?(text: string): void
}

/**
 * SQL that reads files of one kind, which the first of them tells. All cells say what a column is.
 * Dates are those of ISO 8601: `01/03/2024` stays a text, as nobody knows which of its numbers is
 * the month, unless `timeFormat` says it; then each column whose cells are all written so is one of
 * times. Throws UsageError for a format that is none.
 */
export async function selectTyped(
  duck: Duck,
  paths: readonly string[],
  { timeFormat, timeZone, decimal = '.', remark = () => {} }: WrittenAs,
): Promise<string> {
  const select = selectFiles(paths, decimal)
  if (!isCsv(paths[0])) return select
  for (const path of paths)
    for (const name of await repeatedNames(path)) remark(`${path}: ${whyTwice(name)}, as ${name}_1`)
  const timed = timeFormat === undefined ? select : await withTimes(duck, select, timeFormat)
  return timeZone === undefined ? timed : await inZone(duck, timed, timeZone)
}

/** The rows with texts as times where all cells of a column are written in a format. */
async function withTimes(duck: Duck, select: string, timeFormat: string): Promise<string> {
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

const HOUR = "INTERVAL '1 hour'"

/**
 * The rows with times that name no zone moved from the clocks of a zone to UTC. Throws a DataError
 * naming the first that these clocks showed twice or never, a UsageError for a zone that is none.
 */
async function inZone(duck: Duck, select: string, timeZone: string): Promise<string> {
  makeZone(timeZone)
  const rows = await duck.rows(`DESCRIBE ${select}`)
  const naive = rows.filter(row => /^TIMESTAMP(_|$)/.test(`${row.column_type}`))
  const moved = naive.map(row => {
    const name = ident(`${row.column_name}`)
    return { name, at: utcOf(name, timeZone) }
  })
  for (const { name, at } of moved) {
    const again = (shift: string): string => `((${at}) ${shift}) AT TIME ZONE ${quote(timeZone)}`
    if (/^[+-]/.test(timeZone)) break
    const [odd] = await duck.rows(
      `SELECT CAST(${name} AS VARCHAR) AS t FROM (${select}) WHERE ${again('')} <> ${name} ` +
        `OR ${again(`- ${HOUR}`)} = ${name} OR ${again(`+ ${HOUR}`)} = ${name} LIMIT 1`,
    )
    if (odd !== undefined)
      throw new DataError(`clocks of ${timeZone} showed ${odd.t} twice or never`, {
        field: name.replaceAll('"', ''),
      })
  }
  if (moved.length === 0) return select
  const replaced = moved.map(({ name, at }) => `${at} AS ${name}`)
  return `SELECT * REPLACE (${replaced.join(', ')}) FROM (${select})`
}

/** SQL of the moment at which the clocks of a zone show a time. */
function utcOf(name: string, timeZone: string): string {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(timeZone) ?? []
  if (sign === undefined) return `${name} AT TIME ZONE ${quote(timeZone)}`
  const back = sign === '+' ? '-' : '+'
  const span = `INTERVAL '${Number(hours) * 60 + Number(minutes)} minutes'`
  return `(${name} ${back} ${span}) AT TIME ZONE 'UTC'`
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
