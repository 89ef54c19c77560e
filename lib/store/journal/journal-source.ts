import { type FSWatcher, watch } from 'node:fs'
import { show, TemporaryError, UsageError } from '../../base/errors.ts'
import { type Line, setPart } from '../../stream/line.ts'
import type { Source } from '../../stream/step.ts'
import { type Day, journalDir, listDays, listJournals } from './days.ts'
import { type Frontier, findFrontier, type Position } from './frontier.ts'
import type { JournalSourceFlags } from './journal-flags.ts'
import { goneError, stateOfHead } from './journal-head.ts'
import { originOf } from './line-key.ts'
import { readDay } from './read-day.ts'

interface JournalSourceOptions extends Partial<Pick<JournalSourceFlags, 'after' | 'warm'>> {
  home: string
  name: string
  follow: JournalSourceFlags['follow']
  /** First event time wanted, ms UTC. */
  from?: number | undefined
  /**
   * Milliseconds between looks at a quiet journal, where the file system does not report changes.
   */
  pollMs?: number
  count?(what: string, by?: number): void
  /** Told of lines that were read, wanted or not. */
  took?: ((lines: number) => void) | undefined
}

/**
 * Start of a day by its date, or by the number of days before the newest of a journal: what it
 * holds may be older or newer than the clock on the wall. 0 for a journal without days. Throws a
 * UsageError for a date that there is not.
 */
export function startOfDay(word: string, home: string, name: string): number {
  const [, back] = /^(\d+)d$/.exec(word) ?? []
  if (back !== undefined) {
    const newest = listDays(journalDir(home, name)).at(-1)
    return newest === undefined ? 0 : Date.parse(newest.date) - Number(back) * 86_400_000
  }
  const start = Date.parse(word)
  if (Number.isNaN(start)) throw new UsageError(`--from: no such day ${show(word)}`)
  return start
}

/**
 * Reads a journal in order of arrival: days in order, archived ones too, then what is being
 * written. An unfinished line at the end waits until it is whole. Steps between two journals keep
 * the order of lines, so the newest line of the `after` journal says which lines have been through;
 * where something did change the order (chaos, a program of yours), lines that were overtaken and
 * then lost with their process are found missing before it and come again.
 */
export function makeJournalSource(options: JournalSourceOptions): Source {
  const dir = journalDir(options.home, options.name)
  const afterDir = options.after === undefined ? undefined : journalDir(options.home, options.after)
  if (!options.follow && listDays(dir).length === 0) {
    const known = listJournals(options.home)
    if (known.includes(options.name))
      throw new TemporaryError(`the journal ${options.name} holds no line yet`)
    throw new UsageError(
      `no journal ${show(options.name)}; there are: ${known.join(', ') || 'none yet'}`,
    )
  }
  return {
    async *lines(signal) {
      const frontier = afterDir === undefined ? undefined : await findFrontier(dir, afterDir)
      if (frontier !== undefined) yield* warmLines(dir, frontier, options, signal)
      yield* liveLines(dir, frontier, options, signal)
    },
  }
}

/**
 * Lines up to the frontier that are recent enough, marked warm; those that were missed come as new
 * ones, in their place.
 */
async function* warmLines(
  dir: string,
  frontier: Frontier,
  { warm = 0, count, took }: JournalSourceOptions,
  signal: AbortSignal,
): AsyncGenerator<Line[]> {
  const { missed } = frontier
  if (warm === 0 && missed.size === 0) return
  const since = warm === 0 ? Number.POSITIVE_INFINITY : frontier.ts - warm
  const oldest = Math.min(since, ...missed.values())
  for (const day of listDays(dir)) {
    if (day.date > frontier.date || Date.parse(day.date) + 86_400_000 <= oldest || signal.aborted)
      continue
    const until = day.date === frontier.date ? frontier.next : undefined
    count?.('files')
    for await (const { lines } of readDay(day, 0, signal, until)) {
      took?.(lines.length)
      const isMissed = (line: Line): boolean => missed.has(originOf(line.rec))
      const wanted = lines.filter(line => line.rec.ts >= since || isMissed(line))
      const old = wanted.filter(line => !isMissed(line))
      for (const line of old) setPart(line, 'warm', true)
      count?.('warm', old.length)
      count?.('missed', wanted.length - old.length)
      if (wanted.length > 0) yield wanted
    }
  }
}

async function* liveLines(
  dir: string,
  frontier: Position | undefined,
  { name, follow, from = 0, pollMs = 250, count, took }: JournalSourceOptions,
  signal: AbortSignal,
): AsyncGenerator<Line[]> {
  let { date, next } = frontier ?? { date: '', next: 0 }
  let file = ''
  let isHeld = false
  const change = makeChange(dir, pollMs)
  try {
    while (!signal.aborted) {
      // Days are listed before reading: once a later day exists, nothing is added to the earlier
      // ones.
      const days = listDays(dir).filter(day => day.date >= date)
      const before = `${date} ${next}`
      for (const day of days) {
        if (day.date !== date) [date, next] = [day.date, 0]
        if (isOver(day, from)) continue
        for await (const chunk of readDay(day, next, signal)) {
          if (day.path !== file) count?.('files')
          file = day.path
          took?.(chunk.lines.length)
          // In an archive `next` counts rows.
          if (!day.isArchive) count?.('bytes', chunk.next - next)
          next = chunk.next
          const wanted = from === 0 ? chunk.lines : chunk.lines.filter(line => line.rec.ts >= from)
          if (wanted.length > 0) yield wanted
        }
      }
      if (`${date} ${next}` !== before) continue
      // Behind the last line, so that what is wrong before it is told first.
      const gone = isHeld ? undefined : stateOfHead(dir)?.gone
      if (gone !== undefined) throw goneError(gone, name)
      isHeld = true
      if (!follow) return
      await change.wait(signal)
    }
  } finally {
    change.close()
  }
}

/**
 * No line of this day is wanted: its file holds nothing newer than the day after (late lines only
 * make it older).
 */
const isOver = (day: Day, from: number): boolean => Date.parse(day.date) + 86_400_000 <= from

/** Wakes when the folder changes, and every `pollMs` because not every file system tells. */
function makeChange(dir: string, pollMs: number) {
  let wake = (): void => {}
  let watcher: FSWatcher | undefined
  const open = (): void => {
    if (watcher !== undefined) return
    try {
      watcher = watch(dir, () => wake())
      watcher.on('error', () => watcher?.close())
    } catch (error) {
      // Not there yet, or no watches left: the poll finds what comes.
      if (!['ENOENT', 'ENOSPC', 'EMFILE'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error
    }
  }
  return {
    wait(signal: AbortSignal): Promise<void> {
      open()
      return new Promise(resolve => {
        const done = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, pollMs)
        signal.addEventListener('abort', done, { once: true })
        wake = done
      })
    },
    close: () => watcher?.close(),
  }
}
