import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '../../base/atomic-write.ts'
import { DataError, Failure, messageOf, show } from '../../base/errors.ts'
import { defaultsOf } from '../../base/flags.ts'
import { fileMode } from '../../base/modes.ts'
import { type Duck, openDuck } from '../duck/duck.ts'
import { mebibytes } from '../duck/memory-flag.ts'
import { ident } from '../duck/sql.ts'
import { holdFolder } from '../hold.ts'
import { journalDir, listJournals } from '../journal/days.ts'
import { stateOfHead } from '../journal/journal-head.ts'
import { cleanFeatureFiles, mergeFeatureFiles } from './bulk.ts'
import { type Loading, loadArchives, loadFresh, type SyncOptions, type SyncReport } from './load.ts'
import { copyIfThere, freshBytes, type Offset } from './offsets.ts'
import type { Trouble } from './piece.ts'
import { archiveOldDays } from './retention.ts'
import { syncFlags } from './sync-flags.ts'
import { createTable, LINE_TABLES, ROW_TABLES } from './tables.ts'
import { VIEWS } from './views.ts'

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
  const lock = holdFolder(home, options.warn ?? (() => {}))
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
  const { home, memory, retain, rebuild } = { ...defaultsOf(syncFlags), ...options }
  const next = nextPath(home)
  removeUnfinished(home)
  const path = databasePath(home)
  const isOld = rebuild !== true && existsSync(path)
  if (isOld) copyIfThere(path, next)
  const report: SyncReport = { lines: 0, refused: 0, bytes: 0, archived: 0 }
  const offsets = await asDamage(isOld ? path : undefined, async () => {
    const duck = await openDuck(next, { memory: mebibytes(memory) })
    try {
      return await fill(duck, options, report)
    } finally {
      duck.close()
      rmSync(join(home, '.sync.ndjson'), { force: true })
    }
  })
  publish(next, path)
  report.archived = await archiveOldDays(home, offsets, retain)
  return report
}

/** Loads everything that is new; returns how far each journal has come. */
async function fill(duck: Duck, options: SyncOptions, report: SyncReport): Promise<Offset[]> {
  const { home, rebuild } = options
  const troubled = new Set<string>()
  const tell = (trouble: Trouble): void => {
    troubled.add(trouble.path)
    options.tell?.(trouble)
  }
  const load: Loading = { ...defaultsOf(syncFlags), ...options, tell, duck, report }
  await prepareTables(duck)
  // Files that the database before still names go with the next sync, when nobody does.
  if (rebuild === true) await loadArchives(load)
  else await cleanFeatureFiles(duck, home)
  for (const fresh of freshBytes(home, await offsetsOf(duck))) await loadFresh(load, fresh)
  for (const trouble of goneIn(home)) {
    // Where lines of it are wrong, those have been named.
    if (troubled.has(trouble.path)) continue
    report.damaged = (report.damaged ?? 0) + 1
    tell(trouble)
  }
  await mergeFeatureFiles(duck, home)
  for (const view of VIEWS) await duck.run(view)
  await duck.run('CHECKPOINT')
  return offsetsOf(duck)
}

/** Ends of journals that were cut off. */
function goneIn(home: string): Trouble[] {
  return listJournals(home).flatMap((name): Trouble[] => {
    const gone = stateOfHead(journalDir(home, name))?.gone
    if (gone === undefined) return []
    return [{ path: gone.path, line: gone.line, reason: gone.why, raw: '', what: 'damaged' }]
  })
}

/** Words of the engine for a file that is not what it wrote. */
const BROKEN = /^(IO|Serialization|INTERNAL|FATAL|Fatal|Corruption|Catalog|Invalid Input) Error/
const EXHAUSTED = /No space left|Too many open files|Out of Memory|ENOSPC|EDQUOT|EMFILE|ENFILE/

/** Says of an error that lies in an existing database how that is made again. */
async function asDamage<T>(path: string | undefined, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const text = messageOf(error)
    if (path === undefined || error instanceof Failure || !BROKEN.test(text)) throw error
    if (EXHAUSTED.test(text)) throw error
    throw new DataError(
      `${path} is damaged (${show(text.split('\n')[0])}); “sluice sync --rebuild” makes it anew ` +
        'from the journals',
    )
  }
}

const offsetsOf = async (duck: Duck): Promise<Offset[]> =>
  (await duck.rows('SELECT journal, date, bytes, lines, chain FROM offsets')) as unknown as Offset[]

/**
 * Makes every table that is missing, and every column that an older version did not have yet: how
 * far each journal has been read, which Parquet files belong to it, and the rows themselves.
 */
export async function prepareTables(duck: Duck): Promise<void> {
  await duck.run(`CREATE TABLE IF NOT EXISTS offsets
    (journal VARCHAR, date VARCHAR, bytes BIGINT, lines BIGINT, refused BIGINT,
    PRIMARY KEY (journal, date))`)
  await duck.run('ALTER TABLE offsets ADD COLUMN IF NOT EXISTS chain BIGINT')
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

function publish(next: string, path: string): void {
  const fd = openSync(next, 'r+')
  // A copy has the mode of what it is a copy of.
  fchmodSync(fd, fileMode())
  fsyncSync(fd)
  closeSync(fd)
  renameSync(next, path)
  syncFolder(join(path, '..'))
}
