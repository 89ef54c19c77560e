import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DataError } from '../../base/errors.ts'
import { REPORTS, type ReportTable } from '../../records/report-rows.ts'
import { journalDir, listDays, listJournals } from '../journal/days.ts'
import { chainAt } from '../journal/journal-head.ts'
import { endOfLines } from '../journal/tail.ts'

/** Bytes of one file that are not in the database yet: whole lines only. */
export interface Fresh {
  /** `events`, or `rows/promotions`. */
  journal: string
  origin: ReportTable | 'lines'
  date: string
  path: string
  from: number
  to: number
  /** Lines before `from`. */
  before: number
}

export interface Offset {
  journal: string
  date: string
  bytes: number
  /** Lines in those bytes. */
  lines: number
  /** The chain of checksums behind them; absent or null where nobody knows. */
  chain?: number | null
}

/**
 * What each journal and row file holds beyond the offsets, in order. A DataError for a file that
 * was written anew since, so that nobody knows what of it was loaded.
 */
export function freshBytes(home: string, offsets: readonly Offset[]): Fresh[] {
  const known = new Map(offsets.map(offset => [`${offset.journal} ${offset.date}`, offset]))
  const folders: { journal: string; origin: Fresh['origin']; dir: string }[] = [
    ...listJournals(home).map(name => ({
      journal: name,
      origin: 'lines' as const,
      dir: journalDir(home, name),
    })),
    ...Object.keys(REPORTS).map(name => {
      return { journal: `rows/${name}`, origin: name as ReportTable, dir: join(home, 'rows', name) }
    }),
  ]
  const found: Fresh[] = []
  for (const { journal, origin, dir } of folders) {
    for (const { date, path, isArchive } of listDays(dir)) {
      const loaded = known.get(`${journal} ${date}`)
      const { bytes: from = 0, lines: before = 0 } = loaded ?? {}
      const to = isArchive ? from : endOfFile(path)
      if (loaded !== undefined && !isArchive) holdTo(path, loaded, to)
      if (to > from) found.push({ journal, origin, date, path, from, to, before })
    }
  }
  return found
}

/** A file still holds what was loaded of it. */
function holdTo(path: string, { bytes, lines, chain }: Offset, to: number): void {
  const isSame = to >= bytes && (chain == null || chainBefore(path, bytes) === chain)
  if (isSame) return
  const why = to < bytes ? `ended at byte ${bytes} and ends at ${to} now` : 'is not as it was'
  const error = new DataError(
    `it was loaded up to here, and ${why}: lines were cut off, or it was repaired or replaced; ` +
      'put a copy back, or “sluice sync --rebuild” loads what is there',
    { line: lines },
  )
  error.place = path
  throw error
}

/** The chain behind the line that ends at an offset of a file; undefined where none is known. */
export function chainBefore(path: string, at: number): number | undefined {
  const fd = openSync(path, 'r')
  try {
    return chainAt(fd, at)
  } finally {
    closeSync(fd)
  }
}

function endOfFile(path: string): number {
  const fd = openSync(path, 'r')
  try {
    return endOfLines(fd, fstatSync(fd).size)
  } finally {
    closeSync(fd)
  }
}

/** Copies the bytes [from, to) of a file to another. */
export function copyRange(path: string, from: number, to: number, target: string): void {
  rmSync(target, { force: true })
  const [source, sink] = [openSync(path, 'r'), openSync(target, 'w')]
  try {
    const block = Buffer.allocUnsafe(1 << 20)
    for (let at = from; at < to; ) {
      const got = readSync(source, block, 0, Math.min(block.length, to - at), at)
      if (got === 0) throw new RangeError(`${path} became shorter than ${to} bytes`)
      for (let done = 0; done < got; ) done += writeSync(sink, block, done, got - done)
      at += got
    }
  } finally {
    closeSync(source)
    closeSync(sink)
  }
}

/**
 * Where a piece of at most `bytes` bytes that starts at `from` ends: behind a newline, at least one
 * line.
 */
export function endOfPiece(path: string, from: number, to: number, bytes: number): number {
  if (to - from <= bytes) return to
  const fd = openSync(path, 'r')
  try {
    for (let room = bytes; ; room *= 4) {
      const until = Math.min(from + room, to)
      const end = endOfLines(fd, until)
      if (end > from || until === to) return end > from ? end : to
    }
  } finally {
    closeSync(fd)
  }
}

/** Copies a file, sharing its blocks where the file system can. Missing is fine. */
export function copyIfThere(path: string, target: string): void {
  if (existsSync(path)) copyFileSync(path, target, 2)
}
