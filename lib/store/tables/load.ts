import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Duck } from '../duck/duck.ts'
import { ident, quote } from '../duck/sql.ts'
import { journalDir, listDays, listJournals } from '../journal/days.ts'
import { lineBefore } from '../journal/tail.ts'
import { makeChecker } from '../sealed/checksum.ts'
import { addFeatureFile } from './bulk.ts'
import { conflictsIn } from './conflicts.ts'
import { chainBefore, endOfPiece, type Fresh } from './offsets.ts'
import { type Piece, readRange, type Trouble, takePiece } from './piece.ts'
import { createRaw } from './raw.ts'
import type { SyncFlags } from './sync-flags.ts'
import { LINE_TABLES, newRows, ROW_TABLES } from './tables.ts'

/** What is not said is as the flags of `sync` have it. */
export interface SyncOptions extends Partial<SyncFlags> {
  home: string
  /** Told of each line that was refused, is out of its place or contradicts a known one. */
  tell?(trouble: Trouble): void
  warn?(text: string): void
}
export interface SyncReport {
  lines: number
  /** Lines that are no records, or not as they were written: not loaded, counted in `offsets`. */
  refused: number
  bytes: number
  /** Days turned into Parquet. */
  archived: number
  /** Lines that were loaded although lines before them are missing; absent = none. */
  damaged?: number
  /** Lines whose id is known with another fact: the first stays; absent = none. */
  conflicts?: number
}

/** What one sync loads with. */
export interface Loading extends SyncOptions {
  duck: Duck
  piece: number
  report: SyncReport
}

/** Loads the lines of one file that are not in the database yet. */
export async function loadFresh(load: Loading, fresh: Fresh): Promise<void> {
  const { home, report, piece: pieceBytes } = load
  const { path, origin } = fresh
  const checker = makeChecker(fresh.from === 0 ? undefined : storedBefore(path, fresh.from))
  let line = fresh.before + 1
  for (let from = fresh.from; from < fresh.to; ) {
    const to = endOfPiece(path, from, fresh.to, pieceBytes)
    const about = { path, line, isRecords: origin === 'lines', checker }
    const piece = takePiece(readRange(path, from, to), about, join(home, '.sync.ndjson'))
    await loadPiece(load, fresh, piece, { from, to })
    line += piece.lines
    report.bytes += to - from
    from = to
  }
}

/** The line that was loaded last, as it is stored. */
function storedBefore(path: string, at: number): string {
  const fd = openSync(path, 'r')
  try {
    return lineBefore(fd, at) ?? ''
  } finally {
    closeSync(fd)
  }
}

/** The archived days of all journals, whose lines an old database held. */
export async function loadArchives(load: Loading): Promise<void> {
  const { home } = load
  const { archivedLines } = await import('../duck/archive.ts')
  for (const journal of listJournals(home)) {
    for (const { date, path, isArchive } of listDays(journalDir(home, journal))) {
      if (!isArchive) continue
      let at = 0
      for await (const raws of archivedLines(path, 0)) {
        const about = { path, line: at + 1, isRecords: true, checker: makeChecker() }
        const bytes = Buffer.from(raws.map(raw => `${raw}\n`).join(''))
        const piece = takePiece(bytes, about, join(home, '.sync.ndjson'))
        const fresh = { journal, date, path, origin: 'lines' as const, from: 0, to: 0, before: at }
        await loadPiece(load, fresh, piece, { from: at, to: at + raws.length })
        at += raws.length
      }
    }
  }
}

/** Rows of a piece that lies in `.sync.ndjson`; `span` names its feature file. */
async function loadPiece(
  { duck, home, report, tell }: Loading,
  fresh: Fresh,
  piece: Piece,
  span: { from: number; to: number },
): Promise<void> {
  const { origin, path } = fresh
  await duck.run(createRaw([join(home, '.sync.ndjson')], origin))
  const tables = origin === 'lines' ? LINE_TABLES : ROW_TABLES.filter(({ name }) => name === origin)
  const { troubles } = piece
  for (const table of tables) {
    await duck.run(`INSERT INTO ${ident(table.name)} BY NAME ${newRows(table)}`)
    troubles.push(...(await conflictsIn(duck, table, piece, path)))
  }
  if (origin === 'lines') await addFeatureFile(duck, home, fresh, span.from, span.to)
  const count = (what: Trouble['what']): number =>
    troubles.filter(each => each.what === what).length
  await advance(duck, fresh, {
    bytes: fresh.to === 0 ? 0 : span.to,
    chain: fresh.to === 0 ? undefined : chainBefore(path, span.to),
    lines: piece.lines,
    refused: count('refused'),
  })
  for (const trouble of troubles) tell?.(trouble)
  report.lines += piece.lines
  report.refused += count('refused')
  const [damaged, conflicts] = [count('damaged'), count('conflict')]
  if (damaged > 0) report.damaged = (report.damaged ?? 0) + damaged
  if (conflicts > 0) report.conflicts = (report.conflicts ?? 0) + conflicts
}

const advance = (
  duck: Duck,
  { journal, date }: Fresh,
  {
    bytes,
    lines,
    refused,
    chain = 'NULL',
  }: { bytes: number; lines: number; refused: number; chain: number | string | undefined },
): Promise<void> =>
  duck.run(`INSERT INTO offsets (journal, date, bytes, lines, refused, chain)
    VALUES (${quote(journal)}, ${quote(date)}, ${bytes}, ${lines}, ${refused}, ${chain})
    ON CONFLICT DO UPDATE SET bytes = ${bytes}, lines = offsets.lines + ${lines},
    refused = offsets.refused + ${refused}, chain = ${chain}`)
