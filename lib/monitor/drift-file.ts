import { existsSync } from 'node:fs'
import { UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'
import type { Duck } from '../store/duck/duck.ts'
import { ident, quote } from '../store/duck/sql.ts'
import { createRaw } from '../store/tables/raw.ts'
import { examine } from '../table/column-kinds.ts'
import { readTable } from '../table/read-table.ts'
import { openSource, ROW, type TableSource } from '../table/table-source.ts'
import { type writingFlags, writtenOf } from '../table/time-flags.ts'
import type { DriftFlags } from './drift-flags.ts'
import { jsonFeature, type Relation } from './drift-sql.ts'

/** Where a file keeps the numbers of a model. */
interface FileRows {
  /** SQL of a feature of a set, or undefined when the file cannot have it. */
  feature(set: string, name: string): string
  features(set: string): Relation
  /** SQL of a prediction; undefined when the file has none. */
  prediction(model: string, head: string): string | undefined
  predictions(model: string): Relation
}

/** How a table is read; `told` hears what was guessed. */
interface Asked extends Pick<DriftFlags, 'group' | keyof typeof writingFlags> {
  told(text: string): void
}

/** What tables of the engine are called after. */
interface Named {
  table: string
}

/**
 * Makes a file known to the engine: lines of a stream, or a table with a column per number and, if
 * named, one with the token. Throws UsageError for files that do not exist or cannot be read.
 */
export async function openFileRows(
  duck: Duck,
  file: string,
  { group, told, table, ...flags }: Asked & Named,
) {
  if (!existsSync(file)) throw new UsageError(`no file ${file}`)
  const source = await openSource(duck, file)
  const { types } = source
  if (types.has('kind') && types.has('v') && types.has('id')) return lineRows(duck, file, table)
  if (group !== undefined && !types.has(group))
    throw new UsageError(`${file}: no column ${group}${didYouMean(group, [...types.keys()])}`)
  const by = group ?? (await tokenColumn(duck, source))
  if (by === undefined)
    told(
      `${file}: no column of tokens is seen; how far rows depend on their neighbours is ` +
        'measured, but rows of one token apart count as of several: name it with --group',
    )
  else if (group === undefined) told(`${file}: column ${by} is taken for the token (--group)`)
  const written = writtenOf(flags)
  const numbers = await numbersOf(duck, source, written.decimal)
  const times = types.has('ts') ? await timesOf(duck, file, { numbers, table, written }) : numbers
  return tableRows(file, [...types.keys()], by, times)
}

/** Names that a column of tokens has. */
const TOKENS = ['mint', 'mint_address', 'token', 'token_address', 'tokenAddress', 'tokenMint']
const ADDRESS = '^[1-9A-HJ-NP-Za-km-z]{32,44}$'

/**
 * The column of a table that says which token a row is about: by its name, or as all in it are
 * addresses.
 */
async function tokenColumn(duck: Duck, { from, types }: TableSource): Promise<string | undefined> {
  const named = TOKENS.find(name => types.has(name))
  const texts = [...types].filter(([, type]) => type === 'VARCHAR').map(([name]) => name)
  if (named !== undefined || texts.length === 0) return named
  const isAddresses = texts.map(
    (name, k) => `bool_and(regexp_full_match(${ident(name)}, ${quote(ADDRESS)})) AS c${k}`,
  )
  const [row] = await duck.rows(`SELECT ${isAddresses.join(', ')} FROM ${from}`)
  return texts.find((_, k) => row?.[`c${k}`] === true)
}

/** SQL of a table whose columns of numbers are numbers, by all their cells. */
async function numbersOf(duck: Duck, source: TableSource, decimal: ',' | '.'): Promise<string> {
  const kinds = await examine(duck, source, [...source.types.keys()], decimal)
  const columns = [...kinds].map(([name, { is, sql }]) =>
    is === 'number' || is === 'flag' ? `${sql} AS ${ident(name)}` : ident(name),
  )
  return `(SELECT ${columns.join(', ')}, ${ROW} FROM ${source.from})`
}

interface Timing extends Named {
  numbers: string
  written: ReturnType<typeof writtenOf>
}

/** The same SQL with the times of its rows in ms, by the rule of all tables. Throws DataError. */
async function timesOf(
  duck: Duck,
  file: string,
  { numbers, table, written }: Timing,
): Promise<string> {
  const { time } = await readTable(file, { features: [], time: 'ts' }, written)
  const rows = await duck.numbers.create(`${table}_times`, ['row', 't'])
  rows.add(Array.from(time, (t, i) => [i + 1, t]))
  rows.flush()
  return `(SELECT n.* REPLACE (CAST(t.t AS BIGINT) AS ts) FROM ${numbers} n
    JOIN ${table}_times t ON t.row = n.${ROW})`
}

function tableRows(
  file: string,
  columns: readonly string[],
  group: string | undefined,
  source: string,
): FileRows {
  const numbered = `(SELECT *, row_number() OVER () AS row_no FROM ${source})`
  const relation: Relation =
    group === undefined ? { from: source } : { from: numbered, mint: ident(group) }
  if (columns.includes('ts')) relation.ts = 'ts'
  return {
    feature(_, name) {
      if (!columns.includes(name))
        throw new UsageError(`${file}: no column ${name}${didYouMean(name, columns)}`)
      return ident(name)
    },
    features: () => relation,
    prediction: (_, head) => (columns.includes(head) ? ident(head) : undefined),
    predictions: () => relation,
  }
}

async function lineRows(duck: Duck, file: string, table: string): Promise<FileRows> {
  await duck.run(createRaw([file], 'lines'))
  await duck.run(
    `CREATE TEMP TABLE ${table} AS SELECT id, ts, mint, features, prediction, warm FROM raw`,
  )
  const relation = (where: string): Relation => {
    return {
      from: table,
      where: `warm IS NOT TRUE AND ${where}`,
      mint: 'mint',
      id: 'id',
      ts: 'ts',
      areLines: true,
    }
  }
  return {
    feature: (set, name) => jsonFeature(name, group => `features[${quote(set)}].${ident(group)}`),
    features: set => relation(`features[${quote(set)}].ready`),
    prediction: (model, head) => `prediction[${quote(model)}].${ident(head)}`,
    predictions: model =>
      relation(
        `prediction[${quote(model)}] IS NOT NULL AND prediction[${quote(model)}].error IS NULL`,
      ),
  }
}
