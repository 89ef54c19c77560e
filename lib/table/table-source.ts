import { openBytes } from '../base/bytes.ts'
import { DataError, show, UsageError } from '../base/errors.ts'
import type { Duck } from '../store/duck/duck.ts'
import { ident, quote } from '../store/duck/sql.ts'

/** A table file for the engine: every cell as it is written, or as its type where it has one. */
export interface TableSource {
  /** SQL of the table, nested parts spread out, with the number of each row as `ROW`. */
  from: string
  /** Types of its columns; VARCHAR where the file holds text. */
  types: Map<string, string>
  /** Names that a header holds more than once: the engine numbers all but the first. */
  repeated: readonly string[]
}

/** Name of the number of a row, which no column of a file is called. */
export const ROW = '__sluice_row'

const READERS: Record<string, 'parquet' | 'csv' | 'json'> = {
  parquet: 'parquet',
  csv: 'csv',
  tsv: 'csv',
  ndjson: 'json',
  jsonl: 'json',
  json: 'json',
}
/** Parts of a record whose fields are columns of their own: rows may hold them flat or in these. */
const PARTS = ['values', 'label', 'candle']

/** What a table file is by the end of its name. Throws UsageError for other endings. */
export function formatOf(file: string): 'parquet' | 'csv' | 'json' {
  const extension = file
    .replace(/\.(gz|zst)$/, '')
    .split('.')
    .at(-1)!
  const format = READERS[extension.toLowerCase()]
  if (format === undefined)
    throw new UsageError(`${file}: expected a .parquet, .csv, .tsv, .ndjson or .jsonl file`)
  return format
}

/**
 * Opens a table file so that no type is guessed from a part of it: cells of CSV are texts, those of
 * NDJSON too, under the keys of all its lines. Throws UsageError when it cannot be read.
 */
export async function openSource(duck: Duck, file: string): Promise<TableSource> {
  const format = formatOf(file)
  const head = format === 'csv' ? await headOf(file) : undefined
  const raw = await readerOf(duck, file, format, head?.by)
  const types = await describe(duck, file, raw)
  const nested = PARTS.filter(name => types.get(name)?.startsWith('STRUCT'))
  const spread = nested.map(name => `unnest(${ident(name)})`)
  const rest = nested.length === 0 ? '*' : `* EXCLUDE (${nested.map(ident).join(', ')})`
  const picks = [rest, ...spread, `row_number() OVER () AS ${ROW}`]
  const from = `(SELECT ${picks.join(', ')} FROM ${raw})`
  const all = await describe(duck, file, from)
  all.delete(ROW)
  return { from, types: all, repeated: head?.repeated ?? [] }
}

async function readerOf(
  duck: Duck,
  file: string,
  format: 'parquet' | 'csv' | 'json',
  separator = ',',
): Promise<string> {
  if (format === 'parquet') return `read_parquet(${quote(file)})`
  if (format === 'csv') {
    // A short row ends in unknown values.
    const csv = (more: string): string =>
      `read_csv(${quote(file)}, all_varchar = true, header = true, quote = '"', escape = '"', ` +
      `null_padding = true${more})`
    const by = `, delim = '${separator}'`
    return (await isReadable(duck, csv(by))) ? csv(by) : csv(`${by}, parallel = false`)
  }
  // Objects with many optional keys stay objects: as maps their keys would not be columns.
  const types = await describe(
    duck,
    file,
    `read_json(${quote(file)}, sample_size = -1, map_inference_threshold = -1)`,
  )
  const columns = [...types].map(([name, type]) => `${quote(name)}: ${quote(asWritten(type))}`)
  return `read_json(${quote(file)}, columns = {${columns.join(', ')}})`
}

/** Rows with a line break inside quotes are read on one thread only. */
async function isReadable(duck: Duck, csv: string): Promise<boolean> {
  try {
    await duck.rows(`SELECT count(*) AS n FROM ${csv}`)
    return true
  } catch (error) {
    if (/quoted new lines/.test(String(error))) return false
    return true // Any other reason is told when it is read.
  }
}

const SCALAR = new RegExp(
  '(^|[ (,])(U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|BOOLEAN|DATE|TIME|UUID|' +
    'TIMESTAMP)(?=[,)]|$)',
  'g',
)
/** Types of JSON with every scalar as the text it was written as; lists of numbers stay lists. */
function asWritten(type: string): string {
  if (/^STRUCT\(/.test(type)) return type.replace(SCALAR, '$1VARCHAR')
  if (/^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE)\[\]$/.test(type)) return 'DOUBLE[]'
  return /\[\]$|^MAP|^JSON/.test(type) ? type : 'VARCHAR'
}

interface Head {
  /** The separator: what splits the first line most. */
  by: string
  repeated: string[]
}

/** Names that stand in the header of a CSV file more than once. */
export const repeatedNames = async (file: string): Promise<readonly string[]> =>
  (await headOf(file)).repeated

/** Why nobody finds the second column of a name under it. */
export const whyTwice = (name: string): string =>
  `${show(name)} stands more than once in the header; others of it are numbered`

/** What the first line of a CSV file says. Throws a DataError for a file without anything. */
async function headOf(file: string): Promise<Head> {
  if (/[*?[]/.test(file)) return { by: file.endsWith('.tsv') ? '\\t' : ',', repeated: [] }
  const stop = new AbortController()
  let head = ''
  for await (const chunk of openBytes(file, stop.signal)) {
    head += chunk.toString('latin1')
    if (head.includes('\n') || head.length > 1e6) break
  }
  if (head.trim() === '')
    throw new DataError(`${file}: expected a table with a header, got an empty file`)
  const [line = ''] = head.split('\n')
  const bare = line.replace(/"[^"]*"/g, '')
  const counts = [',', ';', '\t', '|'].map(by => ({ by, fields: bare.split(by).length }))
  const { by } = counts.reduce((best, next) => (next.fields > best.fields ? next : best))
  const names = line.split(by).map(name => name.trim().replace(/^"(.*)"$/, '$1'))
  const isAgain = (name: string, i: number): boolean => name !== '' && names.indexOf(name) < i
  return { by, repeated: [...new Set(names.filter(isAgain))] }
}

/** Columns of a relation with their types. Throws UsageError when it cannot be read. */
async function describe(duck: Duck, file: string, from: string): Promise<Map<string, string>> {
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
