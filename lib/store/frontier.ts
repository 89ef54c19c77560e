import { statSync } from 'node:fs'
import { type Day, listDays } from './days.ts'
import { originOfText } from './key.ts'
import { lastLines } from './tail.ts'

/** A place in a journal: behind a line. */
export interface Position {
  date: string
  /** Where the next line starts: bytes in a plain day, lines in an archived one. */
  next: number
  /** Event time of the line before. */
  ts: number
}

/** How much of the end of a journal is compared. */
const NEWEST_BYTES = 16 * 2 ** 20

/**
 * The place behind the last line of a journal that is also in the journal made from it; undefined when none is.
 * Steps keep order, so all lines up to there have been through and none after it. Days are searched from the newest,
 * each from its end in growing windows, because after a restart the place is close to the end.
 */
export async function findFrontier(dir: string, afterDir: string): Promise<Position | undefined> {
  const ids = await newestOrigins(afterDir)
  for (const day of ids.size === 0 ? [] : listDays(dir).reverse()) {
    const found = day.isArchive ? await lastInArchive(day, ids) : lastInFile(day, ids)
    if (found !== undefined) return found
  }
  return undefined
}

function lastInFile(day: Day, ids: ReadonlySet<string>): Position | undefined {
  const { size } = statSync(day.path)
  for (let bytes = NEWEST_BYTES; ; bytes *= 8) {
    let found: [raw: string, next: number] | undefined
    for (const line of lastLines(day.path, bytes)) if (ids.has(originOfText(line[0]))) found = line
    if (found !== undefined) return { date: day.date, next: found[1], ts: tsOf(found[0]) }
    if (bytes >= size) return undefined
  }
}

async function lastInArchive(day: Day, ids: ReadonlySet<string>): Promise<Position | undefined> {
  const { archivedLines } = await import('./archive.ts')
  let found: Position | undefined
  let next = 0
  for await (const raws of archivedLines(day.path, 0)) {
    for (const raw of raws) {
      next++
      if (ids.has(originOfText(raw))) found = { date: day.date, next, ts: tsOf(raw) }
    }
  }
  return found
}

const tsOf = (raw: string): number => (JSON.parse(raw) as { ts: number }).ts

/** What the newest lines of a journal go back to. */
async function newestOrigins(dir: string): Promise<Set<string>> {
  const newest = listDays(dir).at(-1)
  const ids = new Set<string>()
  if (newest === undefined) return ids
  if (!newest.isArchive) {
    for (const [raw] of lastLines(newest.path, NEWEST_BYTES)) ids.add(originOfText(raw))
  } else {
    const { archivedLines } = await import('./archive.ts')
    for await (const raws of archivedLines(newest.path, 0)) for (const raw of raws) ids.add(originOfText(raw))
  }
  return ids
}
