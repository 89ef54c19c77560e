import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '../../base/atomic-write.ts'
import { defaultsOf } from '../../base/flags.ts'
import { type Duck, openDuck } from '../duck/duck.ts'
import { mebibytes } from '../duck/memory-flag.ts'
import { ident, quote } from '../duck/sql.ts'
import { takeLock } from '../lock.ts'
import { addFeatureFile, cleanFeatureFiles, mergeFeatureFiles } from './bulk.ts'
import {
  copyIfThere,
  copyRange,
  endOfPiece,
  type Fresh,
  freshBytes,
  type Offset,
} from './offsets.ts'
import { createRaw } from './raw.ts'
import { archiveOldDays } from './retention.ts'
import { type SyncFlags, syncFlags } from './sync-flags.ts'
import { createTable, LINE_TABLES, newRows, ROW_TABLES } from './tables.ts'
import { VIEWS } from './views.ts'

/** What is not said is as the flags of `sync` have it. */
interface SyncOptions extends Partial<SyncFlags> {
  home: string
}
interface SyncReport {
  lines: number
  /** Lines that are not records: skipped, counted in `offsets`. */
  refused: number
  bytes: number
  /** Days turned into Parquet. */
  archived: number
}

/** Path of the published database. */
export const databasePath = (home: string): string => join(home, 'sluice.duckdb')

/**
 * Loads what the journals hold beyond the offsets into a copy of the database and publishes it by
 * rename. Rows and offsets become visible in the same instant or not at all, so every line is
 * loaded exactly once whenever the process is killed. Readers keep the copy they have opened. One
 * sync runs at a time (TemporaryError).
 */
export async function sync(options: SyncOptions): Promise<SyncReport> {
  const { home } = options
  mkdirSync(home, { recursive: true })
  const lock = takeLock(home, 'sync')
  try {
    return await syncLocked(options)
  } catch (error) {
    // On a full disk the unfinished copy would keep it full.
    removeUnfinished(home)
    throw error
  } finally {
    lock.release()
  }
}

const nextPath = (home: string): string => join(home, 'sluice.next.duckdb')

function removeUnfinished(home: string): void {
  const next = nextPath(home)
  for (const file of [next, `${next}.wal`, join(home, '.sync.ndjson')])
    rmSync(file, { force: true })
}

async function syncLocked(options: SyncOptions): Promise<SyncReport> {
  const { home, piece, memory, retain } = { ...defaultsOf(syncFlags), ...options }
  const next = nextPath(home)
  removeUnfinished(home)
  copyIfThere(databasePath(home), next)
  const duck = await openDuck(next, { memory: mebibytes(memory) })
  const total: SyncReport = { lines: 0, refused: 0, bytes: 0, archived: 0 }
  let offsets: Offset[] = []
  try {
    await prepareTables(duck)
    await cleanFeatureFiles(duck, home)
    offsets = await offsetsOf(duck)
    for (const fresh of freshBytes(home, offsets)) await loadFresh(duck, home, fresh, piece, total)
    offsets = await offsetsOf(duck)
    await mergeFeatureFiles(duck, home)
    for (const view of VIEWS) await duck.run(view)
    await duck.run('CHECKPOINT')
  } finally {
    duck.close()
    rmSync(join(home, '.sync.ndjson'), { force: true })
  }
  publish(next, databasePath(home))
  total.archived = await archiveOldDays(home, offsets, retain)
  return total
}

const offsetsOf = async (duck: Duck): Promise<Offset[]> =>
  (await duck.rows('SELECT journal, date, bytes FROM offsets')) as unknown as Offset[]

/**
 * Makes every table that is missing, and every column that an older version did not have yet: how
 * far each journal has been read, which Parquet files belong to it, and the rows themselves.
 */
export async function prepareTables(duck: Duck): Promise<void> {
  await duck.run(`CREATE TABLE IF NOT EXISTS offsets
    (journal VARCHAR, date VARCHAR, bytes BIGINT, lines BIGINT, refused BIGINT,
    PRIMARY KEY (journal, date))`)
  await duck.run(
    'CREATE TABLE IF NOT EXISTS bulk_files (file VARCHAR, journal VARCHAR, date VARCHAR, ' +
      'rows BIGINT)',
  )
  for (const table of [...LINE_TABLES, ...ROW_TABLES]) {
    await duck.run(createTable(table))
    for (const { name, sql } of table.columns) {
      await duck.run(
        `ALTER TABLE ${ident(table.name)} ADD COLUMN IF NOT EXISTS ${ident(name)} ${sql}`,
      )
    }
  }
}

async function loadFresh(
  duck: Duck,
  home: string,
  fresh: Fresh,
  pieceBytes: number,
  total: SyncReport,
): Promise<void> {
  const piece = join(home, '.sync.ndjson')
  for (let from = fresh.from; from < fresh.to; ) {
    const to = endOfPiece(fresh.path, from, fresh.to, pieceBytes)
    copyRange(fresh.path, from, to, piece)
    await duck.run(createRaw([piece], fresh.origin))
    const tables =
      fresh.origin === 'lines'
        ? LINE_TABLES
        : ROW_TABLES.filter(({ name }) => name === fresh.origin)
    for (const table of tables)
      await duck.run(`INSERT INTO ${ident(table.name)} BY NAME ${newRows(table)}`)
    if (fresh.origin === 'lines') await addFeatureFile(duck, home, fresh, from, to)
    await advance(duck, fresh, to, total)
    total.bytes += to - from
    from = to
  }
}

async function advance(
  duck: Duck,
  { journal, date }: Fresh,
  to: number,
  total: SyncReport,
): Promise<void> {
  const counted = await duck.rows(
    'SELECT count(*) AS lines, count(*) FILTER (WHERE id IS NULL OR ts IS NULL) AS refused ' +
      'FROM raw',
  )
  const { lines, refused } = counted[0] as { lines: number; refused: number }
  await duck.run(`INSERT INTO offsets 
    VALUES (${quote(journal)}, ${quote(date)}, ${to}, ${lines}, ${refused})
    ON CONFLICT DO UPDATE SET bytes = ${to}, lines = offsets.lines + ${lines},
    refused = offsets.refused + ${refused}`)
  total.lines += lines
  total.refused += refused
}

function publish(next: string, path: string): void {
  const fd = openSync(next, 'r+')
  fsyncSync(fd)
  closeSync(fd)
  renameSync(next, path)
  syncFolder(join(path, '..'))
}
