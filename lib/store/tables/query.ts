import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { UsageError } from '../../base/errors.ts'
import { type Duck, openDuck } from '../duck/duck.ts'
import { ident, quote } from '../duck/sql.ts'
import { copyRange, freshBytes, type Offset } from './offsets.ts'
import { createRaw } from './raw.ts'
import { databasePath } from './sync.ts'
import { COMMON, createTable, LINE_TABLES, newRows, ROW_TABLES } from './tables.ts'
import { featuresSelect, HOME_VARIABLE, selectFeatures, VIEWS } from './views.ts'

export interface QueryOptions {
  home: string
  sql: string
  /** Also what the journals hold beyond the database. */
  tail?: boolean
  /** NDJSON file (plain, .gz, .zst) to be known as `input`; the database is then not needed. */
  file?: string | undefined
  memory?: string
}

/**
 * Rows of a query over the published database, in blocks. The database is attached read-only under
 * the name `store`; a sync that publishes meanwhile does not disturb it. Throws a UsageError with
 * the engine’s words when the SQL is wrong, or when there is nothing to ask.
 */
export async function* query(options: QueryOptions): AsyncGenerator<Record<string, unknown>[]> {
  const { home, sql, tail = false, file, memory = '1GB' } = options
  const path = databasePath(home)
  if (!existsSync(path) && file === undefined && !tail)
    throw new UsageError(`no ${path} yet; run sluice sync`)
  const work = mkdtempSync(join(tmpdir(), 'sluice-query-'))
  const duck = await openDuck(':memory:', { memory })
  try {
    await duck.run(`SET temp_directory = ${quote(work)}`)
    await duck.run(`SET VARIABLE ${HOME_VARIABLE} = ${quote(resolve(home))}`)
    const features = existsSync(path) ? await attach(duck, path) : undefined
    if (tail) await addTail(duck, home, work, features)
    if (file !== undefined) await addInput(duck, file)
    yield* duck.stream(sql)
  } catch (error) {
    throw isUserError(error) ? new UsageError((error as Error).message.split('\n')[0] ?? '') : error
  } finally {
    duck.close()
    rmSync(work, { recursive: true, force: true })
  }
}

/**
 * Attaches the database for reading; returns what its feature rows are read by. A view that was
 * stored with absolute paths is replaced for this query: its home may have been moved since, and
 * only the next sync writes.
 */
async function attach(duck: Duck, path: string): Promise<string> {
  await duck.run(`ATTACH ${quote(path)} AS store (READ_ONLY)`)
  await duck.run(`SET search_path = 'memory.main,store.main'`)
  const [view] = await duck.rows(
    "SELECT sql FROM duckdb_views() WHERE database_name = 'store' AND view_name = 'features'",
  )
  if (view === undefined || String(view.sql).includes(HOME_VARIABLE)) return 'store.features'
  const files = await duck.rows('SELECT file FROM store.bulk_files ORDER BY date, file')
  const select = featuresSelect(files.map(({ file }) => String(file)))
  await duck.run(`CREATE VIEW memory.main.features AS ${select}`)
  for (const each of VIEWS) await duck.run(each.replace('VIEW ', 'VIEW memory.main.'))
  return `(${select})`
}

/** Errors of DuckDB that lie in the query, by the word before “Error”. */
const USER_ERRORS = [
  'Parser',
  'Binder',
  'Catalog',
  'Conversion',
  'Invalid Input',
  'Constraint',
  'Not implemented',
  'IO',
  'Permission',
]
const isUserError = (error: unknown): boolean => {
  const text = error instanceof Error ? error.message : ''
  const said = text.replace(/^Failed to extract statements: /, '')
  return USER_ERRORS.some(word => said.startsWith(`${word} Error`))
}

/** What every line has, without a line. */
const NO_LINES =
  `SELECT ${COMMON.map(({ name, sql }) => `NULL::${sql} AS ${ident(name)}`).join(', ')} WHERE ` +
  'false'

/** `input`: lines of a file with the columns that are found in it. */
async function addInput(duck: Duck, file: string): Promise<void> {
  if (!existsSync(file)) throw new UsageError(`no file ${file}`)
  const lines = `SELECT * FROM read_json(${quote(file)}, format = 'newline_delimited',
    sample_size = -1, map_inference_threshold = -1, maximum_object_size = 16777216,
    convert_strings_to_integers = false)`
  const columns = (await duck.rows(`DESCRIBE ${lines}`)).map(row => row.column_name)
  const isEmpty = columns.length === 1 && columns[0] === 'json'
  await duck.run(`CREATE TEMP VIEW input AS ${isEmpty ? NO_LINES : lines}`)
}

/**
 * Tables of the same names in memory: the database’s rows and those of the lines that came since.
 */
async function addTail(
  duck: Duck,
  home: string,
  work: string,
  stored: string | undefined,
): Promise<void> {
  const hasStore = stored !== undefined
  const offsets = hasStore
    ? ((await duck.rows('SELECT journal, date, bytes FROM store.offsets')) as unknown as Offset[])
    : []
  await duck.run('CREATE SCHEMA memory.tail')
  for (const table of [...LINE_TABLES, ...ROW_TABLES]) {
    await duck.run(createTable(table, 'memory.tail.'))
  }
  const features = hasStore ? `SELECT * FROM ${stored}` : featuresSelect([])
  await duck.run(`CREATE TABLE memory.tail.features AS ${features} LIMIT 0`)
  for (const [i, fresh] of freshBytes(home, offsets).entries()) {
    const piece = join(work, `${i}.ndjson`)
    copyRange(fresh.path, fresh.from, fresh.to, piece)
    await duck.run(createRaw([piece], fresh.origin))
    rmSync(piece)
    const tables =
      fresh.origin === 'lines'
        ? LINE_TABLES
        : ROW_TABLES.filter(({ name }) => name === fresh.origin)
    for (const table of tables)
      await duck.run(
        `INSERT INTO memory.tail.${ident(table.name)} BY NAME ${newRows(table, 'memory.tail.')}`,
      )
    if (fresh.origin === 'lines') {
      await duck.run(`INSERT INTO memory.tail.features BY NAME ${selectFeatures(fresh.journal)}`)
    }
  }
  await joinTail(duck, hasStore, features)
}

async function joinTail(duck: Duck, hasStore: boolean, features: string): Promise<void> {
  for (const { name, key } of [...LINE_TABLES, ...ROW_TABLES]) {
    const on = key.map(k => `old.${ident(k)} = new.${ident(k)}`).join(' AND ')
    const rest = `SELECT * FROM memory.tail.${ident(name)} AS new`
    const all = hasStore
      ? `SELECT * FROM store.${ident(name)} UNION ALL BY NAME ${rest} ANTI JOIN ` +
        `store.${ident(name)} AS old ON ${on}`
      : rest
    await duck.run(`CREATE OR REPLACE VIEW memory.main.${ident(name)} AS ${all}`)
  }
  await duck.run(
    `CREATE OR REPLACE VIEW memory.main.features AS ${features} UNION ALL BY NAME SELECT * FROM ` +
      'memory.tail.features',
  )
  await duck.run(`SET search_path = 'memory.main'`)
  for (const view of VIEWS) await duck.run(view.replace('VIEW ', 'VIEW memory.main.'))
}
