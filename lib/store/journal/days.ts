import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { show, UsageError } from '../../base/errors.ts'

/** One day of a journal: plain while it may grow, a Parquet archive later. */
export interface Day {
  /** YYYY-MM-DD, UTC. */
  date: string
  path: string
  isArchive: boolean
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

/**
 * Folder of a journal. Throws a UsageError when the name is not a plain word: it becomes part of a
 * path.
 */
export function journalDir(home: string, name: string): string {
  if (!NAME.test(name))
    throw new UsageError(`journal name: expected letters, digits, _ and -, got ${show(name)}`)
  return join(home, 'journal', name)
}

/** UTC date of an event time in milliseconds, YYYY-MM-DD. */
export function dateOf(ts: number): string {
  const day = Math.floor(ts / DAY_MS)
  // Nearly every line is of the same day as the one before it.
  if (day !== known.day) known = { day, text: new Date(day * DAY_MS).toISOString().slice(0, 10) }
  return known.text
}

const DAY_MS = 86_400_000
let known = { day: Number.NaN, text: '' }

/**
 * Days of a journal, oldest first; none when the folder is not there yet. A day that is both plain
 * and archived is plain.
 */
export function listDays(dir: string): Day[] {
  const byDate = new Map<string, Day>()
  for (const file of filesOf(dir)) {
    const found = /^(\d{4}-\d\d-\d\d)\.(ndjson|parquet)$/.exec(file)
    if (found === null) continue
    const date = found[1]!
    const isArchive = found[2] === 'parquet'
    if (!isArchive || !byDate.has(date))
      byDate.set(date, { date, path: join(dir, file), isArchive })
  }
  return [...byDate.values()].sort((a, b) => (a.date < b.date ? -1 : 1))
}

/** Names of the journals in a home, sorted. */
export function listJournals(home: string): string[] {
  return filesOf(join(home, 'journal'))
    .filter(name => NAME.test(name))
    .sort()
}

function filesOf(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
