import { statSync } from 'node:fs'
import type { Rec } from '../../records/record.ts'
import { isJump, TIME_JUMP } from '../../stream/event-time.ts'
import { type Day, listDays } from './days.ts'
import { headOfText, originOf, originOfText } from './line-key.ts'
import { lastLines } from './tail.ts'

/** A place in a journal: behind a line. */
export interface Position {
  date: string
  /** Where the next line starts: bytes in a plain day, lines in an archived one. */
  next: number
  /** Event time of the line before. */
  ts: number
}

/** How far a journal has come in the one made from it. */
export interface Frontier extends Position {
  /**
   * Lines before it that did not arrive, although later ones did: their origins and event times.
   */
  missed: ReadonlyMap<string, number>
}

/** How much of the end of a journal is compared. */
const NEWEST_BYTES = 16 * 2 ** 20
/**
 * Lines before the frontier that are looked at one by one: a stage may hold a line back for so
 * long.
 */
const OVERTAKEN = 1000

/**
 * The place behind the last line of a journal that is also in the journal made from it; undefined
 * when none is. None of the lines after it have been through. Of the 1,000 before it, those are
 * missed that are not in the other journal: a stage that changes the order of lines was holding
 * them when it was killed. Days are searched from the newest, each from its end in growing windows,
 * because after a restart the place is close to the end.
 */
export async function findFrontier(dir: string, afterDir: string): Promise<Frontier | undefined> {
  const ids = await newestOrigins(afterDir)
  const days = ids.size === 0 ? [] : listDays(dir).reverse()
  for (const [i, day] of days.entries()) {
    const found = day.isArchive ? await lastInArchive(day, ids) : lastInFile(day, ids)
    if (found === undefined) continue
    const { at, before } = found
    const dayBefore = days[i + 1]
    const older = before.length < OVERTAKEN && dayBefore !== undefined ? await endOf(dayBefore) : []
    return { ...at, missed: missedOf([...older, ...before].slice(-OVERTAKEN), ids) }
  }
  return undefined
}

interface Found {
  at: Position
  /** Up to 1,000 lines before. */
  before: string[]
}

/**
 * Whether earlier lines than the first known one have been through cannot be told: they have, as
 * order is mostly kept.
 */
function missedOf(before: readonly string[], ids: ReadonlySet<string>): Map<string, number> {
  const first = before.findIndex(raw => isKnown(raw, ids))
  const missed = first < 0 ? [] : before.slice(first).filter(raw => !isKnown(raw, ids))
  return new Map(missed.map(headOfText).map(head => [originOf(head), head.ts]))
}

function lastInFile(day: Day, ids: ReadonlySet<string>): Found | undefined {
  const { size } = statSync(day.path)
  for (let bytes = NEWEST_BYTES; ; bytes *= 8) {
    const search = makeSearch(day, ids)
    for (const [raw, next] of lastLines(day.path, bytes)) search.see(raw, next)
    const found = search.found()
    if (found !== undefined || bytes >= size) return found
  }
}

async function lastInArchive(day: Day, ids: ReadonlySet<string>): Promise<Found | undefined> {
  const { archivedLines } = await import('../duck/archive.ts')
  const search = makeSearch(day, ids)
  let next = 0
  for await (const raws of archivedLines(day.path, 0))
    for (const raw of raws) search.see(raw, ++next)
  return search.found()
}

/** Remembers the last known line of a day and those before it. */
function makeSearch({ date }: Day, ids: ReadonlySet<string>) {
  let recent: string[] = []
  let found: { raw: string; next: number; before: string[] } | undefined
  // Where the lines after the found one begin in `recent`; 0 once what comes before is kept.
  let from = 0
  const keep = (): void => {
    if (found !== undefined && from > 0)
      found.before = recent.slice(Math.max(0, from - OVERTAKEN - 1), from - 1)
    from = 0
  }
  return {
    see(raw: string, next: number): void {
      recent.push(raw)
      if (isKnown(raw, ids)) {
        found = { raw, next, before: [] }
        from = recent.length
      }
      if (recent.length <= 4 * OVERTAKEN) return
      keep()
      recent = recent.slice(-OVERTAKEN)
    },
    found(): Found | undefined {
      keep()
      return (
        found && {
          at: { date, next: found.next, ts: timeBehind(found) },
          before: found.before,
        }
      )
    },
  }
}

/** Event time behind a line: its own, or that of the last one before whose time is believed. */
function timeBehind({ raw, before }: { raw: string; before: readonly string[] }): number {
  const isSure = (text: string): boolean =>
    !text.includes(TIME_JUMP) || !isJump(JSON.parse(text) as Rec)
  return headOfText([...before, raw].findLast(isSure) ?? raw).ts
}

/** Whether a line is among origins: itself, or by its id alone what an order came from. */
function isKnown(raw: string, ids: ReadonlySet<string>): boolean {
  const head = headOfText(raw)
  return ids.has(originOf(head)) || ids.has(head.id)
}

/** The last lines of a day. */
async function endOf(day: Day): Promise<string[]> {
  const all: string[] = []
  for await (const raw of newestLines(day)) all.push(raw)
  return all.slice(-OVERTAKEN)
}

async function* newestLines(day: Day): AsyncGenerator<string> {
  if (!day.isArchive) for (const [raw] of lastLines(day.path, NEWEST_BYTES)) yield raw
  else {
    const { archivedLines } = await import('../duck/archive.ts')
    for await (const raws of archivedLines(day.path, 0)) yield* raws
  }
}

/**
 * What the newest lines of a journal go back to: those of its last two days, as a day may have just
 * begun.
 */
async function newestOrigins(dir: string): Promise<Set<string>> {
  const ids = new Set<string>()
  for (const day of listDays(dir).slice(-2))
    for await (const raw of newestLines(day)) ids.add(originOfText(raw))
  return ids
}
