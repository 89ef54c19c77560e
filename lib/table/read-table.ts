import { DataError, show, UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'
import { type Duck, openDuck } from '../store/duck/duck.ts'
import type { Table } from './table.ts'

/** Which columns of a file are what. */
interface Columns {
  features: readonly string[]
  label: string
  time?: string | undefined
  group?: string | undefined
  weight?: string | undefined
  /** When the label was known. */
  until?: string | undefined
  /** A column of lists of numbers, read as so many columns. */
  tensor?: { column: string; width: number }
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
}

const READERS: Record<string, string> = {
  parquet: 'read_parquet',
  csv: 'read_csv',
  tsv: 'read_csv',
  ndjson: 'read_json',
  jsonl: 'read_json',
  json: 'read_json',
}
const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * Reads a Parquet, CSV or NDJSON file (also .gz, .zst, or a glob) column by column. Rows without a
 * label are left out. Throws UsageError for files or columns that do not exist, DataError for a
 * feature or label that is not a number.
 */
export async function readTable(file: string, columns: Columns): Promise<Rows> {
  const duck = await openDuck(':memory:')
  try {
    const from = await flat(duck, file)
    const types = await describe(duck, file, from)
    const wanted = [
      ...columns.features,
      columns.label,
      columns.time,
      columns.group,
      columns.weight,
      columns.until,
      columns.tensor?.column,
    ]
    for (const name of wanted) if (name !== undefined) mustExist(file, name, types)
    for (const name of columns.features) await mustBeNumbers(duck, from, name, types)
    return await collect(duck, from, columns, types)
  } finally {
    duck.close()
  }
}

/** Names of all columns of a file, nested parts spread out. */
export async function columnNames(file: string): Promise<string[]> {
  const duck = await openDuck(':memory:')
  try {
    return [...(await describe(duck, file, await flat(duck, file))).keys()]
  } finally {
    duck.close()
  }
}

/**
 * How many rows repeat the id of another one (at the same horizon), with the first such id;
 * undefined without a column id.
 */
export async function repeatedIds(
  file: string,
): Promise<{ rows: number; first: string } | undefined> {
  const duck = await openDuck(':memory:')
  try {
    const from = await flat(duck, file)
    const types = await describe(duck, file, from)
    if (!types.has('id')) return undefined
    const key = ['id', ...(types.has('horizon') ? ['horizon'] : [])].join(', ')
    const [found] = await duck.rows(
      `SELECT sum(n - 1) AS n, min(CAST(id AS VARCHAR)) AS first FROM (SELECT ${key}, ` +
        `count(*) AS n FROM ${from} WHERE id IS NOT NULL GROUP BY ${key} HAVING count(*) > 1)`,
    )
    const rows = Number(found?.n ?? 0)
    return rows === 0 ? undefined : { rows, first: String(found?.first) }
  } finally {
    duck.close()
  }
}

/** Names of the numeric columns of a file, in its order. */
export async function numericColumns(file: string): Promise<string[]> {
  const duck = await openDuck(':memory:')
  try {
    const types = await describe(duck, file, await flat(duck, file))
    return [...types]
      .filter(([, type]) =>
        /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\([0-9,]+\)|BOOLEAN)$/.test(type),
      )
      .map(([name]) => name)
  } finally {
    duck.close()
  }
}

/** SQL that reads a table file. Throws UsageError for other endings. */
export function sourceOf(file: string): string {
  const extension = file
    .replace(/\.(gz|zst)$/, '')
    .split('.')
    .at(-1)!
  const reader = READERS[extension.toLowerCase()]
  if (reader === undefined)
    throw new UsageError(`${file}: expected a .parquet, .csv, .tsv, .ndjson or .jsonl file`)
  // Objects with many optional keys stay objects: as maps their keys would not be columns. A short
  // row of a CSV ends in unknown values, and types are judged by all rows.
  const options =
    reader === 'read_json'
      ? ', map_inference_threshold = -1'
      : reader === 'read_csv'
        ? ', null_padding = true, sample_size = -1'
        : ''
  return `${reader}('${file.replaceAll("'", "''")}'${options})`
}

/** Parts of a record whose fields are columns of their own: rows may hold them flat or in these. */
const PARTS = ['values', 'label', 'candle']

/** The table of a file with its nested parts spread out. */
async function flat(duck: Duck, file: string): Promise<string> {
  const from = sourceOf(file)
  const types = await describe(duck, file, from)
  const nested = PARTS.filter(name => types.get(name)?.startsWith('STRUCT')).map(quote)
  if (nested.length === 0) return from
  return (
    `(SELECT * EXCLUDE (${nested.join(', ')}), ` +
    `${nested.map(name => `unnest(${name})`).join(', ')} FROM ${from})`
  )
}

/** Columns of a file with their types. Throws UsageError when it cannot be read. */
export async function describe(
  duck: Duck,
  file: string,
  from: string,
): Promise<Map<string, string>> {
  try {
    const rows = await duck.rows(`DESCRIBE SELECT * FROM ${from}`)
    return new Map(rows.map(row => [String(row.column_name), String(row.column_type)]))
  } catch (error) {
    throw new UsageError(
      `${file}: ${
        String(error)
          .replace(/^Error: /, '')
          .split('\n')[0]
      }`,
    )
  }
}

function mustExist(file: string, name: string, types: Map<string, string>): void {
  if (!types.has(name))
    throw new UsageError(`${file}: no column ${show(name)}${didYouMean(name, [...types.keys()])}`)
}

async function mustBeNumbers(
  duck: Duck,
  from: string,
  name: string,
  types: Map<string, string>,
): Promise<void> {
  if (!/VARCHAR|JSON|STRUCT|\[\]/.test(types.get(name) ?? '')) return
  const column = quote(name)
  const bad = await duck.rows(
    `SELECT CAST(${column} AS VARCHAR) AS value FROM ${from} WHERE ${column} IS NOT NULL AND ` +
      `TRY_CAST(CAST(${column} AS VARCHAR) AS DOUBLE) IS NULL LIMIT 1`,
  )
  if (bad.length > 0)
    throw new DataError(`expected numbers, got ${show(bad[0]?.value)}`, { field: name })
}

/** Names of the numbers of a row, and the SQL of everything that is read of it. */
function picksOf(
  columns: Columns,
  types: Map<string, string>,
): { names: string[]; picks: string[] } {
  const picked = columns.features.map(
    name => `CAST(CAST(${quote(name)} AS ${numberType(types.get(name))}) AS FLOAT)`,
  )
  const { column = '', width = 0 } = columns.tensor ?? {}
  for (let k = 1; k <= width; k++) picked.push(`CAST(${quote(column)}[${k}] AS FLOAT)`)
  const names = [...columns.features, ...Array.from({ length: width }, (_, k) => `${column}.${k}`)]
  const picks = [
    ...picked.map((pick, f) => `${pick} AS f${f}`),
    `CAST(${quote(columns.label)} AS VARCHAR) AS label`,
    ...(columns.time === undefined ? [] : [`${timeOf(columns.time, types)} AS at`]),
    ...(columns.group === undefined ? [] : [`CAST(${quote(columns.group)} AS VARCHAR) AS grp`]),
    ...(columns.until === undefined ? [] : [`${timeOf(columns.until, types)} AS until`]),
    ...(columns.weight === undefined ? [] : [`CAST(${quote(columns.weight)} AS DOUBLE) AS weight`]),
  ]
  return { names, picks }
}

async function collect(
  duck: Duck,
  from: string,
  columns: Columns,
  types: Map<string, string>,
): Promise<Rows> {
  const { names, picks } = picksOf(columns, types)
  const [{ n = 0 } = {}] = await duck.rows(
    `SELECT count(*) AS n FROM ${from} WHERE ${quote(columns.label)} IS NOT NULL`,
  )
  const rows = Number(n)
  const table = names.map(() => new Float32Array(rows).fill(Number.NaN))
  const beside = {
    words: [] as string[],
    time: new Float64Array(rows),
    groups: [] as string[],
    weight: new Float64Array(rows),
    until: new Float64Array(rows),
  }
  let at = 0
  for await (const block of duck.stream(
    `SELECT ${picks.join(', ')} FROM ${from} WHERE ${quote(columns.label)} IS NOT NULL`,
  )) {
    for (const row of block) {
      for (let f = 0; f < table.length; f++) {
        const value = row[`f${f}`]
        if (value !== undefined) table[f]![at] = Number(value)
      }
      beside.words.push(String(row.label))
      beside.time[at] = columns.time === undefined ? at : timeNumber(row.at, columns.time)
      beside.groups.push(String(row.grp ?? ''))
      beside.weight[at] = Number(row.weight ?? 1)
      if (columns.until !== undefined) beside.until[at] = timeNumber(row.until, columns.until)
      at++
    }
  }
  return {
    table: { names, rows, columns: table },
    label: Float64Array.from(beside.words, labelNumber),
    words: beside.words,
    time: beside.time,
    until: columns.until === undefined ? undefined : beside.until,
    isTimed: columns.time !== undefined,
    groups: columns.group === undefined ? undefined : beside.groups,
    weight: columns.weight === undefined ? undefined : beside.weight,
  }
}

const numberType = (type: string | undefined): string => (type === 'BOOLEAN' ? 'INTEGER' : 'DOUBLE')

const timeOf = (name: string, types: Map<string, string>): string =>
  /TIMESTAMP|DATE/.test(types.get(name) ?? '') ? `epoch_ms(${quote(name)})` : quote(name)

/**
 * Milliseconds; numbers below 10¹¹ are seconds (until the year 5138 they cannot be milliseconds
 * after 1973).
 */
function timeNumber(value: unknown, name: string): number {
  const number =
    typeof value === 'string' && !/^[0-9.]+$/.test(value) ? Date.parse(value) : Number(value)
  if (!Number.isFinite(number))
    throw new DataError(`expected a time, got ${show(value)}`, { field: name })
  return Math.abs(number) < 1e11 ? number * 1000 : number
}

const labelNumber = (word: string): number =>
  word === 'true' ? 1 : word === 'false' ? 0 : Number(word)
