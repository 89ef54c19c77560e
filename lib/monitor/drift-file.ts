import { existsSync } from 'node:fs'
import { UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'
import type { Duck } from '../store/duck/duck.ts'
import { ident, quote } from '../store/duck/sql.ts'
import { createRaw } from '../store/tables/raw.ts'
import { examine } from '../table/column-kinds.ts'
import { openSource, type TableSource } from '../table/table-source.ts'
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

/**
 * Makes a file known to the engine: lines of a stream, or a table with a column per number and, if
 * named, one with the token. Throws UsageError for files that do not exist or cannot be read.
 */
export async function openFileRows(
  duck: Duck,
  file: string,
  { group, told }: { group: string | undefined; told(text: string): void },
  table: string,
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
  return tableRows(file, [...types.keys()], by, await numbersOf(duck, source))
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
async function numbersOf(duck: Duck, source: TableSource): Promise<string> {
  const kinds = await examine(duck, source, [...source.types.keys()])
  const columns = [...kinds].map(([name, { is, sql }]) =>
    is === 'number' || is === 'flag' ? `${sql} AS ${ident(name)}` : ident(name),
  )
  return `(SELECT ${columns.join(', ')} FROM ${source.from})`
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
