import { existsSync, statSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DataError, messageOf, TemporaryError, UsageError } from '../../base/errors.ts'
import { noteFile } from '../../base/noted-file.ts'
import { oneSelect, sqliteName } from './one-select.ts'

/** A value of SQLite; whole numbers beyond 2⁵³ are bigint. */
type Value = null | number | bigint | string | Uint8Array
type Row = Record<string, Value>

/** An SQLite file, open for reading. */
export interface Sqlite {
  /** Tables and views of the file, by name. */
  tables(): string[]
  /** Names of the columns of a table or view. */
  columns(table: string): string[]
  /** Makes the one SELECT of `sql` a view of this connection, which the file never sees. */
  view(name: string, sql: string): void
  /** Rows as they come, one at a time in memory. */
  rows(sql: string): Iterable<Row>
  /** Whether the engine sorts on disk; else what it sorts is held in memory. */
  sortsOnDisk: boolean
  /** Throws a TemporaryError where the file is not what it was when it was opened. */
  refuseChanged(): void
  close(): void
}

/** What both engines give. */
interface Engine {
  exec(sql: string): void
  iterate(sql: string): Iterable<Row>
  close(): void
}

/**
 * Opens an SQLite file for reading only, with the engine in Node where it has one (22.13 and
 * later), else with one in WebAssembly. `folder` is an empty one of the caller’s, which the latter
 * puts its lock into. Throws a UsageError for a file that cannot be opened so, a DataError for one
 * that is damaged.
 */
export async function openSqlite(path: string, folder: string): Promise<Sqlite> {
  const refuseChanged = noteFile(path)
  const native = nativeEngine(path)
  const engine = native ?? (await wasmEngine(path, folder))
  const guarded = <T>(act: () => T): T => {
    try {
      return act()
    } catch (error) {
      throw told(error, path)
    }
  }
  const isHeld = guarded(() => {
    // A file made to harm may call functions from its own views: none with effects are run.
    engine.exec('PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA busy_timeout = 5000')
    // With a log a reader keeps what it saw first and holds nobody up; without one it would hold up
    // the program that writes, so there a change is found out instead.
    const [mode] = native === undefined ? [] : [...engine.iterate('PRAGMA journal_mode')]
    if (mode?.journal_mode === 'wal') engine.exec('BEGIN')
    for (const _ of engine.iterate('SELECT count(*) AS n FROM sqlite_schema'));
    return mode?.journal_mode === 'wal'
  })
  return {
    sortsOnDisk: native !== undefined,
    tables: () =>
      guarded(() =>
        [
          ...engine.iterate(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND " +
              "name NOT LIKE 'sqlite@_%' ESCAPE '@' ORDER BY name",
          ),
        ].map(row => String(row.name)),
      ),
    columns: table =>
      guarded(() =>
        [...engine.iterate(`PRAGMA table_xinfo(${sqliteName(table)})`)].map(row =>
          String(row.name),
        ),
      ),
    view: (name, sql) => makeView(engine, name, oneSelect(sql)),
    *rows(sql) {
      try {
        yield* engine.iterate(sql)
      } catch (error) {
        throw told(error, path)
      }
    },
    refuseChanged: isHeld ? () => undefined : refuseChanged,
    close: () => engine.close(),
  }
}

/** The engine itself says what is no SELECT; a view of this connection lies in memory. */
function makeView(engine: Engine, name: string, sql: string): void {
  try {
    engine.exec('PRAGMA query_only = OFF')
    engine.exec(`CREATE TEMP VIEW ${sqliteName(name)} AS ${sql}`)
    engine.exec('PRAGMA query_only = ON')
    // Names of tables and columns are looked up when it is first read.
    for (const _ of engine.iterate(`SELECT * FROM ${sqliteName(name)} LIMIT 0`));
  } catch (error) {
    throw new UsageError(`--sql: ${messageOf(error)}`)
  }
}

/** The same engine as `node:sqlite` types it, which the types of Node 20 do not know. */
interface NodeSqlite {
  DatabaseSync: new (
    path: string,
    options: { readOnly: boolean },
  ) => {
    exec(sql: string): void
    prepare(sql: string): {
      setReadBigInts(on: boolean): void
      iterate?(): Iterable<Row>
    }
    close(): void
  }
  StatementSync: { prototype: object }
}

function nativeEngine(path: string): Engine | undefined {
  const found = process.getBuiltinModule?.('node:sqlite') as NodeSqlite | undefined
  if (found === undefined || !('iterate' in found.StatementSync.prototype)) return undefined
  const database = opened(path, () => new found.DatabaseSync(path, { readOnly: true }))
  return {
    exec: sql => database.exec(sql),
    iterate(sql) {
      const statement = database.prepare(sql)
      statement.setReadBigInts(true)
      return statement.iterate!()
    },
    close: () => database.close(),
  }
}

/**
 * The engine in WebAssembly marks a file as its own by a folder beside it, which is no lock to
 * other programs: so it gets a link in a folder of ours instead, and what was written meanwhile is
 * found out by the time of the file. It sees no log beside the file, so one that holds something
 * is refused.
 */
async function wasmEngine(path: string, folder: string): Promise<Engine> {
  for (const log of ['-wal', '-journal'])
    if (existsSync(path + log) && statSync(path + log).size > 0)
      throw new UsageError(
        `${path}: ${path}${log} holds rows that are not in it yet: read it with Node 22.13 or ` +
          'later, or close the program that writes it (sqlite3 does it, too: PRAGMA ' +
          'wal_checkpoint(TRUNCATE))',
      )
  const { Database } = (await import('node-sqlite3-wasm')).default
  const link = join(folder, 'read.db')
  symlinkSync(resolve(path), link)
  const database = opened(path, () => new Database(link, { readOnly: true }))
  // A file in WAL mode needs memory shared with others otherwise, which this engine has not.
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  return {
    exec: sql => database.exec(sql),
    *iterate(sql) {
      const statement = database.prepare(sql)
      try {
        yield* statement.iterate() as Iterable<Row>
      } finally {
        statement.finalize()
      }
    },
    close: () => database.close(),
  }
}

function opened<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new UsageError(`${path}: ${messageOf(error)}`)
  }
}

/** What an engine says of a file, as the failure that it is. */
function told(error: unknown, path: string): Error {
  const text = messageOf(error)
  if (/locked|busy/i.test(text)) return new TemporaryError(`${path}: ${text}`)
  const failure = new DataError(text)
  failure.place = path
  return failure
}
