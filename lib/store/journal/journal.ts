import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { show, UsageError } from '../../base/errors.ts'
import { PARTS } from '../../records/parts.ts'
import type { Rec } from '../../records/record.ts'
import { type EventTime, TIME_JUMP } from '../../stream/event-time.ts'
import type { Line } from '../../stream/line.ts'
import type { Step } from '../../stream/step.ts'
import { type Hold, holdFolder } from '../hold.ts'
import { unseal, withoutForeign } from '../sealed/checksum.ts'
import { type Appender, makeSpaceGuard, openAppender } from './append.ts'
import { type Day, dateOf, journalDir, listDays } from './days.ts'
import type { JournalFlags } from './journal-flags.ts'
import { goneError, keepJournalHead, stateOfHead } from './journal-head.ts'
import { headOfText } from './line-key.ts'
import { makeRecall } from './recall.ts'
import { lastLineOf, lastLines } from './tail.ts'

interface JournalOptions extends Omit<JournalFlags, 'has'> {
  home: string
  name: string
  has?: JournalFlags['has']
  /** Judges the times of lines before they are written; without it all are believed. */
  time?: EventTime
  count?(what: string, by?: number): void
  /** Told where no lock of the kernel is to be had, and of lines that contradict each other. */
  warn?(text: string): void
  /** Keeps a line that contradicts the one of its id. */
  reject?: ((entry: string) => void) | undefined
}

/**
 * A durable pass-through: a line is handed on only after its bytes are in the journal. One process
 * writes a journal at a time. Days are named by event time, as far as it is believed; a line that
 * is late for a day, or marked as a jump, goes into the current file, so that reading the files in
 * order gives the order of arrival. A line whose id
 * (label: id and horizon) is among the newest is passed on but not written again, which makes a
 * hand-over that repeats lines exactly once. Warm lines pass, unwritten.
 */
export function makeJournal(options: JournalOptions): Step {
  const { home, name, count = () => {} } = options
  const has = partsNamed(options.has ?? [])
  const dir = journalDir(home, name)
  mkdirSync(dir, { recursive: true })
  const lock = holdFolder(dir, options.warn ?? (() => count('lock-by-name')))
  const { file, recall } = openHeld(dir, options, lock)
  const hasSpace = makeSpaceGuard(dir, options.minFree)
  const isWanted = ({ rec }: Line): boolean =>
    rec.warm !== true && (has.length === 0 || has.some(part => rec[part] !== undefined))

  return {
    takesJumps: true,
    batch(lines, emit) {
      hasSpace()
      const wanted = lines.filter(isWanted)
      const fresh = recall.fresh(wanted)
      count('written', fresh.length)
      file.write(fresh)
      for (const line of lines) emit(line)
    },
    close() {
      file.close()
      lock.release()
    },
  }
}

/** What is known of the newest lines, and the file for the next; the lock goes when that fails. */
function openHeld(dir: string, options: JournalOptions, lock: Hold) {
  const { recall: bytes, name, count = () => {}, warn = () => {}, reject } = options
  try {
    const recall = makeRecall(dir, { bytes, count, warn, reject })
    const gone = stateOfHead(dir)?.gone
    if (gone !== undefined) throw goneError(gone, name)
    return { recall, file: makeDayFile(dir, options.fsync, options.time) }
  } catch (error) {
    lock.release()
    throw error
  }
}

function partsNamed(words: readonly string[]): (keyof Rec)[] {
  const wrong = words.find(word => !Object.hasOwn(PARTS, word))
  if (wrong !== undefined)
    throw new UsageError(
      `--has: no part ${show(wrong)}; there are ${Object.keys(PARTS).join(', ')}`,
    )
  return words as (keyof Rec)[]
}

/**
 * Writes lines to the file of their day; never goes back to an earlier day than the newest there
 * is.
 */
function makeDayFile(dir: string, fsyncMs: number, time: EventTime | undefined) {
  const days = listDays(dir)
  const newest = days.at(-1)
  const newestAt = newestTs(newest)
  if (newestAt !== undefined) time?.begin(newestAt)
  let date = newest?.date ?? ''
  let open: Appender | undefined
  if (newest?.isArchive) date = dateOf(Date.parse(date) + 86_400_000)
  // A new file starts from where the one before ended.
  let chain = lastChain(days)
  const head = keepJournalHead(dir)
  const openDay = (): Appender =>
    (open = openAppender(join(dir, `${date}.ndjson`), fsyncMs, chain, head))
  if (newest !== undefined) openDay()
  const turnTo = (next: string): Appender => {
    if (open !== undefined) chain = open.chain()
    open?.close()
    date = next
    return openDay()
  }
  return {
    write(lines: readonly Line[]) {
      let texts: string[] = []
      for (const line of lines) {
        // The times of a batch are judged before it is written: none is later than the newest.
        const { ts } = line.rec
        const day = dateOf(Math.min(ts, time?.now() ?? ts))
        if (day > date) {
          if (texts.length > 0) open?.append(texts)
          texts = []
          turnTo(day)
        }
        texts.push('checksum' in line.rec ? withoutForeign(line.raw) : line.raw)
      }
      if (texts.length > 0) open?.append(texts)
    },
    close() {
      open?.close()
      head.close()
    },
  }
}

/** Where the chain of the newest file that is not to be gone on with ends; 0 where none says. */
function lastChain(days: readonly Day[]): number {
  const before = days.at(days.at(-1)?.isArchive ? -1 : -2)
  if (before === undefined || before.isArchive) return 0
  const last = lastLineOf(before.path)
  return (last === undefined ? undefined : unseal(last).seal?.chain) ?? 0
}

/** Event time of the last line whose time is believed, where that is not archived. */
function newestTs(day: Day | undefined): number | undefined {
  if (day === undefined || day.isArchive) return undefined
  const raws = [...lastLines(day.path, LAST_BYTES)].map(([raw]) => raw)
  const last = raws.findLast(raw => !raw.includes(TIME_JUMP))
  return last === undefined ? undefined : headOfText(last).ts
}
/** Enough of the end of a day for its last lines. */
const LAST_BYTES = 1 << 16
