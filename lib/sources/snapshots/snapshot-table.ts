import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { show, UsageError } from '../../base/errors.ts'
import { noteFile } from '../../base/noted-file.ts'
import { ident } from '../../store/duck/sql.ts'
import { sqliteName } from '../../store/sqlite/one-select.ts'
import { openSqlite, type Sqlite } from '../../store/sqlite/sqlite.ts'
import { openSource } from '../../table/table-source.ts'
import { makeFolder } from '../ohlcv/folder.ts'
import { looksLikeSnapshots } from './snapshot-map.ts'

/** One row as texts, by the columns that were asked for; null where it has none. */
export type Cells = readonly (string | null)[]

/** A table of a file, to be read as often as wanted. */
export interface SnapshotTable {
  /** What it was found to be, for people. */
  what: string
  columns: readonly string[]
  /** Rows in the order of the file, or by the column `by` and then by all that is asked for. */
  rows(columns: readonly string[], by?: string): AsyncGenerator<Cells[]>
  /** Throws a TemporaryError where the file has changed since it was opened. */
  refuseChanged(): void
  close(): void
}

const BATCH = 256
const MAGIC = 'SQLite format 3\0'
/** Rows that an engine without files of its own may sort: some 200 bytes each in memory. */
const MOST_SORTED = 2_000_000
const VIEW = 'sluice_rows'

/**
 * Opens a table: an SQLite file by its content, else CSV, NDJSON or Parquet by its name. Throws a
 * UsageError where it cannot be read or more than one of its tables may be meant.
 */
export async function openSnapshotTable(path: string, sql?: string): Promise<SnapshotTable> {
  if (path === '-' || !statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new UsageError(`--table: expected a file, got ${show(path)}`)
  const folder = makeFolder()
  try {
    if (isSqlite(path)) return await sqliteTable(path, folder, sql)
    if (sql !== undefined)
      throw new UsageError(`--sql is for SQLite files, which ${path} is none of`)
    return await duckTable(path, folder)
  } catch (error) {
    folder.remove()
    throw error
  }
}

function isSqlite(path: string): boolean {
  const head = Buffer.alloc(MAGIC.length)
  const file = openSync(path, 'r')
  try {
    readSync(file, head, 0, head.length, 0)
  } finally {
    closeSync(file)
  }
  return head.toString('latin1') === MAGIC
}

type Folder = ReturnType<typeof makeFolder>

async function sqliteTable(path: string, folder: Folder, sql?: string): Promise<SnapshotTable> {
  const file = await openSqlite(path, folder.path)
  const close = (): void => {
    file.close()
    folder.remove()
  }
  try {
    const table = sql === undefined ? chosen(path, file) : VIEW
    if (sql !== undefined) file.view(VIEW, sql)
    return {
      what: sql === undefined ? `SQLite table ${table}` : 'rows of --sql',
      columns: file.columns(table),
      rows: (columns, by) => sqliteRows(file, table, columns, by),
      refuseChanged: file.refuseChanged,
      close,
    }
  } catch (error) {
    file.close()
    throw error
  }
}

/** The one table of a file, or the one that looks like snapshots by its columns. */
function chosen(path: string, file: Sqlite): string {
  const tables = file.tables()
  const alike = tables.filter(table => looksLikeSnapshots(file.columns(table)))
  const [table, ...more] = tables.length === 1 ? tables : alike
  if (table !== undefined && more.length === 0) return table
  const which = tables.length === 0 ? 'has no table' : `holds ${tables.join(', ')}`
  throw new UsageError(`${path} ${which}: say which rows with --sql 'SELECT … FROM …'`)
}

async function* sqliteRows(
  file: Sqlite,
  table: string,
  columns: readonly string[],
  by: string | undefined,
): AsyncGenerator<Cells[]> {
  const keys = columns.map((_, i) => `c${i}`)
  const picks = columns.map((column, i) => `${sqliteName(column)} AS c${i}`)
  const from = sqliteName(table)
  if (by !== undefined && !file.sortsOnDisk) {
    const [found] = file.rows(`SELECT count(*) AS n FROM ${from}`)
    if (Number(found?.n) > MOST_SORTED)
      throw new UsageError(
        `${Number(found?.n)} rows are not in order of time, and this Node sorts ${MOST_SORTED} ` +
          'of SQLite: read them with Node 22.13 or later, or give them in order',
      )
  }
  const time = by === undefined ? '' : sqliteName(by)
  const order =
    by === undefined
      ? ''
      : ` ORDER BY CAST(${time} AS NUMERIC), CAST(${time} AS TEXT), ${keys.join(', ')}`
  let batch: Cells[] = []
  for (const row of file.rows(`SELECT ${picks.join(', ')} FROM ${from}${order}`)) {
    batch.push(keys.map(key => textOf(row[key])))
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** A cell as text: the shortest that is the same double, so that none is rounded again. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return value instanceof Uint8Array ? `${value.length} bytes` : String(value)
}

async function duckTable(path: string, folder: Folder): Promise<SnapshotTable> {
  const { openDuck } = await import('../../store/duck/duck.ts')
  const options = { memory: '512MB', temporary: folder.path }
  const refuseChanged = noteFile(path)
  const duck = await openDuck(join(folder.path, 'rows.duckdb'), options)
  const close = (): void => {
    duck.close()
    folder.remove()
  }
  try {
    const { from, types } = await openSource(duck, path)
    return {
      what: 'table',
      columns: [...types.keys()],
      async *rows(columns, by) {
        const cells = columns.map((column, i) => `CAST(${ident(column)} AS VARCHAR) AS c${i}`)
        const time = by === undefined ? '' : ident(by)
        const order =
          by === undefined
            ? ''
            : ` ORDER BY TRY_CAST(${time} AS DOUBLE), CAST(${time} AS VARCHAR), ` +
              columns.map((_, i) => `c${i}`).join(', ')
        const sql = `SELECT ${cells.join(', ')} FROM ${from}${order}`
        for await (const rows of duck.stream(sql))
          yield rows.map(row => columns.map((_, i) => textOf(row[`c${i}`])))
      },
      refuseChanged,
      close,
    }
  } catch (error) {
    duck.close()
    throw error
  }
}
