import { rmSync, statSync } from 'node:fs'
import { archiveDay } from '../duck/archive.ts'
import { journalDir, listDays, listJournals } from '../journal/days.ts'
import type { Offset } from './offsets.ts'

const DAY_MS = 86_400_000
/** Days behind the newest of a journal that stay plain text. */
const PLAIN_DAYS = 2

/**
 * Turns days more than two behind the newest of their journal into Parquet, once all their bytes
 * are in the database, and removes days more than `retainDays` behind. Age is event time: a
 * recording of last year is not old by itself. Returns how many days were archived.
 */
export async function archiveOldDays(
  home: string,
  offsets: readonly Offset[],
  retainDays: number,
): Promise<number> {
  const loaded = new Map(offsets.map(({ journal, date, bytes }) => [`${journal} ${date}`, bytes]))
  let archived = 0
  for (const name of listJournals(home)) {
    const days = listDays(journalDir(home, name))
    const newest = Date.parse(days.at(-1)?.date ?? '')
    for (const day of days) {
      const age = (newest - Date.parse(day.date)) / DAY_MS
      if (age > retainDays) rmSync(day.path)
      else if (
        age > PLAIN_DAYS &&
        !day.isArchive &&
        statSync(day.path).size === loaded.get(`${name} ${day.date}`)
      ) {
        await archiveDay(day.path)
        archived++
      }
    }
  }
  return archived
}
