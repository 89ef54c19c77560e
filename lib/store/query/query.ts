import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { show, UsageError } from '../../base/errors.ts'
import { type Duck, openDuck } from '../duck/duck.ts'
import { ident, quote, quoteList } from '../duck/sql.ts'
import { featureFile } from '../tables/bulk.ts'
import { copyRange, freshBytes, type Offset } from '../tables/offsets.ts'
import { createRaw } from '../tables/raw.ts'
import { databasePath } from '../tables/sync.ts'
import { COMMON, createTable, LINE_TABLES, newRows, ROW_TABLES } from '../tables/tables.ts'
import { featuresSelect, HOME_VARIABLE, selectFeatures, VIEWS } from '../tables/views.ts'
import { type Judged, judgeSql, refuseUnknown } from './judge-sql.ts'
import { queryError } from './query-error.ts'
import type { QueryFlags } from './query-flags.ts'
import { isDataFile, isFileName, readableFiles, realFile } from './readable-files.ts'
import { selectTyped, type WrittenAs } from './typed-files.ts'

/** With a `file`, which is then known as `input`, the database is not needed. */
export interface QueryOptions
  extends Partial<
    Pick<QueryFlags, 'tail' | 'file' | 'allow' | 'threads' | 'timeFormat' | 'timeZone' | 'decimal'>
  > {
  home: string
  sql: string
  /** Bounds of the engine, as `512MiB`: memory, and disk for what does not fit. */
  memory?: string
  temporaryMost?: string
  /** Folder for what does not fit into memory; one of its own, removed at the end, by default. */
  work?: string
  /** Told what a reader of the rows must know about a file. */
  remark?(text: string): void
}

/**
 * Rows of a query over the published database, in blocks. The database is attached read-only under
 * the name `store`; a sync that publishes meanwhile does not disturb it. SQL reads: it is judged
 * before it runs (judge-sql.ts), and runs where the engine opens nothing but the database and the
 * files that were looked at, sets nothing, and loads nothing. Throws a UsageError with the engine’s
 * words when the SQL is wrong or wants more than it may have, a DataError for files that cannot be
 * read.
 */
export async function* query(options: QueryOptions): AsyncGenerator<Record<string, unknown>[]> {
  const { memory = '1GB', threads, temporaryMost } = options
  const work = options.work ?? mkdtempSync(join(tmpdir(), 'sluice-query-'))
  const duck = await openDuck(':memory:', {
    memory,
    temporary: work,
    ...(threads === undefined ? {} : { threads }),
    ...(temporaryMost === undefined ? {} : { temporaryMost }),
  })
  try {
    // A text without a zone is UTC, whatever the clock of the machine shows.
    await duck.run("SET TimeZone = 'UTC'")
    const judged = await judgeSql(duck, options.sql)
    await lockUp(duck, await gather(duck, judged, options, work))
    yield* duck.stream(judged.sql)
  } catch (error) {
    throw queryError(error, { memory, temporaryMost })
  } finally {
    duck.close()
    if (options.work === undefined) rmSync(work, { recursive: true, force: true })
  }
}

/** Attaches and defines all that the SQL may read; gives back the files that may be opened. */
async function gather(
  duck: Duck,
  judged: Judged,
  options: QueryOptions,
  work: string,
): Promise<string[]> {
  const { home, tail = false, file } = options
  const path = databasePath(home)
  const hasStore = existsSync(path)
  const isAsked = judged.isOfDatabase || judged.tables.some(name => !isFileName(name))
  if (!hasStore && !tail && file === undefined && isAsked)
    throw new UsageError(`no ${path} yet; run sluice sync`)
  await duck.run(`SET VARIABLE ${HOME_VARIABLE} = ${quote(resolve(home))}`)
  const stored = hasStore ? await attach(duck, path) : undefined
  await refuseUnknown(duck, judged)
  if (tail) await addTail(duck, home, work, stored?.features)
  const input = file === undefined ? [] : [realFile(file)]
  for (const each of input) await addInput(duck, each, options)
  const named = await addFiles(duck, judged, options)
  return [...(stored?.files.map(name => featureFile(home, name)) ?? []), ...input, ...named]
}

/** From here on the engine opens these files and no others, and nothing of it can be set. */
async function lockUp(duck: Duck, files: readonly string[]): Promise<void> {
  await duck.run(`SET allowed_paths = ${quoteList([...new Set(files)])}`)
  await duck.run('SET enable_external_access = false')
  await duck.run('SET lock_configuration = true')
}

/**
 * Attaches the database for reading; returns what its feature rows are read by. A view that was
 * stored with absolute paths is replaced for this query: its home may have been moved since, and
 * only the next sync writes.
 */
async function attach(duck: Duck, path: string): Promise<Stored> {
  await duck.run(`ATTACH ${quote(path)} AS store (READ_ONLY)`)
  await duck.run(`SET search_path = 'memory.main,store.main'`)
  const [view] = await duck.rows(
    "SELECT sql FROM duckdb_views() WHERE database_name = 'store' AND view_name = 'features'",
  )
  if (view === undefined) return { features: 'store.features', files: [] }
  const rows = await duck.rows('SELECT file FROM store.bulk_files ORDER BY date, file')
  const files = rows.map(({ file }) => String(file))
  if (String(view.sql).includes(HOME_VARIABLE)) return { features: 'store.features', files }
  const select = featuresSelect(files)
  await duck.run(`CREATE VIEW memory.main.features AS ${select}`)
  await addNewColumns(duck)
  for (const each of VIEWS) await duck.run(each.replace('VIEW ', 'VIEW memory.main.'))
  return { features: `(${select})`, files }
}

/** Columns that a table of an older version lacks are empty until the next sync adds them. */
async function addNewColumns(duck: Duck): Promise<void> {
  const rows = await duck.rows(
    "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'store'",
  )
  const held = new Set(rows.map(row => `${row.table_name}.${row.column_name}`))
  const tables = new Set(rows.map(row => row.table_name))
  for (const { name, columns } of [...LINE_TABLES, ...ROW_TABLES]) {
    const lacking = columns.filter(column => !held.has(`${name}.${column.name}`))
    if (lacking.length === 0 || !tables.has(name)) continue
    const empty = lacking.map(column => `NULL::${column.sql} AS ${ident(column.name)}`)
    await duck.run(
      `CREATE VIEW memory.main.${ident(name)} AS SELECT *, ${empty.join(', ')} ` +
        `FROM store.${ident(name)}`,
    )
  }
}

/** What the database holds feature rows in. */
interface Stored {
  /** What they are read by. */
  features: string
  /** Names of their files in the folder of the home. */
  files: readonly string[]
}

/** What every line has, without a line. */
const NO_LINES =
  `SELECT ${COMMON.map(({ name, sql }) => `NULL::${sql} AS ${ident(name)}`).join(', ')} WHERE ` +
  'false'

/** `input`: the lines of a file with the columns that are found in it. */
async function addInput(duck: Duck, path: string, written: WrittenAs): Promise<void> {
  const lines = await selectTyped(duck, [path], written)
  const columns = (await duck.rows(`DESCRIBE ${lines}`)).map(row => row.column_name)
  const isEmpty = columns.length === 1 && columns[0] === 'json'
  await duck.run(`CREATE TEMP VIEW input AS ${isEmpty ? NO_LINES : lines}`)
}

/**
 * A view for each file, or pattern of files, behind FROM, under the very name it has there: so the
 * engine opens the files that were looked at. Gives back their paths.
 */
async function addFiles(
  duck: Duck,
  { tables, files }: Judged,
  options: QueryOptions,
): Promise<string[]> {
  const places = { home: options.home, allow: options.allow ?? [], cwd: process.cwd() }
  const found: string[] = []
  const known = new Map<string, string>()
  for (const name of tables.filter(isFileName)) {
    const paths = readableFiles(name, places)
    const select = await selectTyped(duck, paths, options)
    found.push(...paths)
    const before = known.get(name.toLowerCase())
    if (before === select) continue
    if (before !== undefined)
      throw new UsageError(`${show(name)}: another file differs in capital letters only`)
    known.set(name.toLowerCase(), select)
    await duck.run(`CREATE TEMP VIEW ${ident(name)} AS ${select}`)
  }
  // Texts in a call may be separators and formats, too: those are no data files, and not opened.
  for (const name of files.filter(each => isDataFile(each) && !/[*?]/.test(each))) {
    readableFiles(name, places)
    found.push(resolve(name))
  }
  return found
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
    ? ((await duck.rows(
        // Databases of versions before tell no chain.
        'SELECT * EXCLUDE (refused) FROM store.offsets',
      )) as unknown as Offset[])
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
