import { DataError, show, UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'
import { type Duck, openDuck } from '../store/duck/duck.ts'
import { ident } from '../store/duck/sql.ts'
import { type ColumnKind, examine, whyOdd } from './column-kinds.ts'
import { lineOfRow, mustBeFinite } from './line-of-row.ts'
import type { Table } from './table.ts'
import { openSource, type TableSource, whyTwice } from './table-source.ts'
import { parseTime, type TimeRule, timeOfNumber, whyNoTime } from './table-time.ts'

/** Which columns of a file are what. */
interface Columns {
  features: readonly string[]
  /** Rows without one are left out; absent = no row needs any. */
  label?: string | undefined
  time?: string | undefined
  group?: string | undefined
  weight?: string | undefined
  /** When the label was known. */
  until?: string | undefined
  /** A column of lists of numbers, read as so many columns. */
  tensor?: { column: string; width: number }
}

/** How the cells of a text table are written. */
interface Written {
  rule?: TimeRule
  decimal?: ',' | '.'
}

/** A table of a file with what goes beside the features, in the file's order. */
export interface Rows {
  table: Table
  /** The label as a number, or NaN where it is a word (then see `words`). */
  label: Float64Array
  /** The label as text, for classes. */
  words: readonly string[]
  /** ms UTC; rising row numbers when there is no time column. */
  time: Float64Array
  /** When each label was known, ms UTC. */
  until: Float64Array | undefined
  /** Whether the times are more than the order of the rows. */
  isTimed: boolean
  groups: readonly string[] | undefined
  weight: Float64Array | undefined
  /** Sentences about cells that count as unknown, and rows that are left out. */
  remarks: readonly string[]
}

/**
 * Reads a Parquet, CSV or NDJSON file (also .gz, .zst, or a glob) column by column; every cell says
 * what its column is. Rows without a label are left out; words for a missing number and infinities
 * count as unknown; all of it is told. Throws UsageError for files or columns that do not exist,
 * DataError for a feature, label or time that is none, with its line.
 */
export async function readTable(
  file: string,
  columns: Columns,
  written: Written = {},
): Promise<Rows> {
  return withSource(file, async (duck, source) => {
    const { features, label, weight, time, group, until, tensor } = columns
    const beside = [time, group, until, tensor?.column]
    const counted = [...new Set([...features, label, weight])].filter(name => name !== undefined)
    for (const name of [...counted, ...beside])
      if (name !== undefined) mustExist(file, name, source.types)
    const kinds = await examine(duck, source, counted, written.decimal)
    for (const name of [...features, weight])
      if (name !== undefined) await mustBeNumbers(file, name, kinds.get(name)!)
    if (label !== undefined) await mustBeFinite(file, label, kinds.get(label)!.infinite)
    const rows = await collect(duck, source, columns, kinds, { file, rule: written.rule ?? {} })
    const told = [...source.repeated.map(whyTwice), ...(await remarksOn(file, kinds))]
    return { ...rows, remarks: [...told, ...rows.remarks] }
  })
}

/** Names of all columns of a file, nested parts spread out. */
export const columnNames = (file: string): Promise<string[]> =>
  withSource(file, async (_, { types }) => [...types.keys()])

/** What every column of a file is, in its order. */
export const columnKinds = (
  file: string,
  { decimal }: Written = {},
): Promise<Map<string, ColumnKind>> =>
  withSource(file, (duck, source) => examine(duck, source, [...source.types.keys()], decimal))

/** Names of the columns of a file that hold numbers, or true and false, in its order. */
export async function numericColumns(file: string, written: Written = {}): Promise<string[]> {
  const kinds = await columnKinds(file, written)
  return [...kinds].filter(([, { is }]) => is === 'number' || is === 'flag').map(([name]) => name)
}

/**
 * Sentences about columns that are no numbers: one that most cells would let be numbers is told
 * with the first cell that does not, the others by name.
 */
export async function textRemarks(
  file: string,
  kinds: ReadonlyMap<string, ColumnKind>,
): Promise<string[]> {
  const told: string[] = []
  const plain: string[] = []
  for (const [name, kind] of kinds) {
    if (kind.is === 'empty') told.push(`${name} has no value in any row`)
    else if (kind.odd !== undefined && kind.wasNumbers === true) {
      const { count, row } = kind.odd
      const others = count === 1 ? '' : `, and ${count - 1} cells like it`
      const place = await lineOfRow(file, row)
      told.push(`${name} would be numbers but for ${whyOdd(kind.odd)} in ${place}${others}`)
    } else if (kind.is !== 'number' && kind.is !== 'flag') plain.push(name)
  }
  if (plain.length > 0) told.push(`no numbers: ${plain.join(', ')}`)
  return told
}

/**
 * How many rows repeat the id of another one (at the same horizon), with the first such id;
 * undefined without a column id.
 */
export const repeatedIds = (file: string): Promise<{ rows: number; first: string } | undefined> =>
  withSource(file, async (duck, { from, types }) => {
    if (!types.has('id')) return undefined
    const key = ['id', ...(types.has('horizon') ? ['horizon'] : [])].join(', ')
    const [found] = await duck.rows(
      `SELECT sum(n - 1) AS n, min(CAST(id AS VARCHAR)) AS first FROM (SELECT ${key}, ` +
        `count(*) AS n FROM ${from} WHERE id IS NOT NULL GROUP BY ${key} HAVING count(*) > 1)`,
    )
    const rows = Number(found?.n ?? 0)
    return rows === 0 ? undefined : { rows, first: String(found?.first) }
  })

async function withSource<T>(
  file: string,
  use: (duck: Duck, source: TableSource) => Promise<T>,
): Promise<T> {
  const duck = await openDuck(':memory:')
  try {
    return await use(duck, await openSource(duck, file))
  } finally {
    duck.close()
  }
}

function mustExist(file: string, name: string, types: Map<string, string>): void {
  if (!types.has(name))
    throw new UsageError(`${file}: no column ${show(name)}${didYouMean(name, [...types.keys()])}`)
}

async function mustBeNumbers(file: string, name: string, kind: ColumnKind): Promise<void> {
  if (kind.is === 'number' || kind.is === 'flag' || kind.is === 'empty') return
  const odd = kind.odd ?? kind.missing
  const got = odd === undefined ? `a column of ${kind.is}` : whyOdd(odd)
  const error = new DataError(`expected numbers, got ${got}`, { field: name })
  error.place = odd === undefined ? file : `${file}: ${await lineOfRow(file, odd.row)}`
  throw error
}

async function remarksOn(file: string, kinds: ReadonlyMap<string, ColumnKind>): Promise<string[]> {
  const told: string[] = []
  for (const [name, { is, missing, infinite }] of kinds) {
    if (is !== 'number' && is !== 'flag') continue
    for (const odd of [missing, infinite])
      if (odd !== undefined)
        told.push(
          `${name}: ${odd.count} cells such as ${show(odd.value)} in ` +
            `${await lineOfRow(file, odd.row)} count as unknown`,
        )
  }
  return told
}

interface Place {
  file: string
  rule: TimeRule
}

/** SQL of everything that is read of a row, label first. */
function picksOf(
  { features, label, time, group, until, weight, tensor }: Columns,
  kinds: ReadonlyMap<string, ColumnKind>,
  types: ReadonlyMap<string, string>,
): string[] {
  const number = (sql: string): string => `coalesce(CAST(${sql} AS DOUBLE), 'nan'::DOUBLE)`
  const text = (name: string | undefined): string =>
    name === undefined ? "''" : `CAST(${ident(name)} AS VARCHAR)`
  const { column = '', width = 0 } = tensor ?? {}
  const places = Array.from({ length: width }, (_, k) => number(`${ident(column)}[${k + 1}]`))
  return [
    label === undefined ? "'nan'" : text(label),
    timeSql(time, types),
    timeSql(until, types),
    text(group),
    weight === undefined ? '1::DOUBLE' : number(kinds.get(weight)!.sql),
    ...features.map(name => number(kinds.get(name)!.sql)),
    ...places,
  ]
}

/** A stamp as ms, a number as it is, a text as it is written. */
function timeSql(name: string | undefined, types: ReadonlyMap<string, string>): string {
  if (name === undefined) return "''"
  const type = types.get(name) ?? ''
  if (/^(TIMESTAMP|DATE)/.test(type)) return `CAST(epoch_ms(${ident(name)}) AS VARCHAR)`
  return `CAST(${ident(name)} AS VARCHAR)`
}

/** Columns before the features in what is picked. */
const BESIDE = 5

async function collect(
  duck: Duck,
  { from, types }: TableSource,
  columns: Columns,
  kinds: ReadonlyMap<string, ColumnKind>,
  place: Place,
): Promise<Rows> {
  const { tensor, time, until, group, weight, label } = columns
  const wide = Array.from({ length: tensor?.width ?? 0 }, (_, k) => `${tensor?.column}.${k}`)
  const names = [...columns.features, ...wide]
  const kind = label === undefined ? undefined : kinds.get(label)!
  const asked = label === undefined ? 'true' : hasText(label)
  const isKnown = kind?.is === 'number' ? `(${kind.sql}) IS NOT NULL` : asked
  const [{ n = 0, all = 0 } = {}] = await duck.rows(
    `SELECT count(*) FILTER (${isKnown}) AS n, count(*) AS "all" FROM ${from}`,
  )
  const rows = Number(n)
  const table = names.map(() => new Float32Array(rows).fill(Number.NaN))
  const numbers = (wanted: unknown) => new Float64Array(wanted === undefined ? 0 : rows)
  const beside = { time: new Float64Array(rows), until: numbers(until), weight: numbers(weight) }
  const [words, groups]: [string[], string[]] = [[], []]
  const sayLabel = kind === undefined ? (word: string) => word : wordOf(kind)
  const read = makeTimes(types, place)
  let at = 0
  const picks = picksOf(columns, kinds, types)
  for await (const block of duck.numbers.columns(
    `SELECT ${picks.join(', ')} FROM ${from} WHERE ${isKnown}`,
  )) {
    const [labels = [], times = [], untils = [], held = [], weights = []] = block as unknown[][]
    for (const [i, word] of labels.entries()) {
      words.push(sayLabel(String(word)))
      const row = at + i
      beside.time[row] = time === undefined ? row : read(times[i], time, row)
      if (until !== undefined) beside.until[row] = read(untils[i], until, row)
      if (weight !== undefined) beside.weight[row] = Number(weights[i])
      if (group !== undefined) groups.push(String(held[i] ?? ''))
    }
    for (const [f, column] of table.entries()) column.set(block[BESIDE + f]!, at)
    at += labels.length
  }
  const left = Number(all) - rows
  return {
    table: { names, rows, columns: table },
    label: Float64Array.from(words, labelNumber),
    words,
    time: beside.time,
    until: until === undefined ? undefined : beside.until,
    isTimed: time !== undefined,
    groups: group === undefined ? undefined : groups,
    weight: weight === undefined ? undefined : beside.weight,
    remarks: left === 0 ? [] : [`${left} of ${all} rows have no ${label} and are left out`],
  }
}

const hasText = (name: string): string =>
  `${ident(name)} IS NOT NULL AND trim(CAST(${ident(name)} AS VARCHAR)) <> ''`

/** A label as one word whatever the file writes: `1` for `1.0`, `true` for `True`. */
function wordOf({ is }: ColumnKind): (word: string) => string {
  if (is === 'number') return word => String(Number(word))
  return is === 'flag' ? word => word.trim().toLowerCase() : word => word
}

/** Reads times by the one rule of tables. */
function makeTimes(types: ReadonlyMap<string, string>, { file, rule }: Place) {
  return (cell: unknown, name: string, row: number): number => {
    const text = String(cell ?? '').trim()
    const isStamp = /^(TIMESTAMP|DATE)/.test(types.get(name) ?? '')
    const at = isStamp && text !== '' ? Number(text) : timeOf(text, rule)
    if (!Number.isNaN(at)) return at
    const why = text === '' ? 'expected a time, got nothing' : whyNoTime(text, rule)
    const error = new DataError(why, { field: name })
    error.place = `${file}: labelled row ${row + 1}`
    throw error
  }
}

/** Numbers may be written as doubles are: 1.7040672e+12. */
function timeOf(text: string, rule: TimeRule): number {
  const at = parseTime(text, rule)
  return Number.isNaN(at) && /^\d+(\.\d*)?e\+?\d+$/i.test(text) ? timeOfNumber(Number(text)) : at
}

const labelNumber = (word: string): number =>
  word === 'true' ? 1 : word === 'false' ? 0 : Number(word)
