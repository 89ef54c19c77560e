import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { show, UsageError } from '../../base/errors.ts'
import { PARTS } from '../../records/parts.ts'
import type { Rec } from '../../records/record.ts'
import { isJump } from '../../stream/event-time.ts'
import type { Line } from '../../stream/line.ts'
import type { Step } from '../../stream/step.ts'
import { takeLock } from '../lock.ts'
import { type Appender, makeSpaceGuard, openAppender } from './append.ts'
import { dateOf, journalDir, listDays } from './days.ts'
import type { JournalFlags } from './journal-flags.ts'
import { keyOf, keyOfText } from './line-key.ts'
import { makeSeen } from './seen.ts'
import { lastLines } from './tail.ts'

interface JournalOptions extends Omit<JournalFlags, 'has'> {
  home: string
  name: string
  has?: JournalFlags['has']
  count?(what: string, by?: number): void
}

/**
 * A durable pass-through: a line is handed on only after its bytes are in the journal. One process
 * writes a journal at a time. Days are named by event time; a line that is late for a day goes into
 * the current file, so that reading the files in order gives the order of arrival. A line whose id
 * (label: id and horizon) is among the newest is passed on but not written again, which makes a
 * hand-over that repeats lines exactly once. Warm lines pass, unwritten.
 */
export function makeJournal(options: JournalOptions): Step {
  const { home, name, count = () => {} } = options
  const has = partsNamed(options.has ?? [])
  const dir = journalDir(home, name)
  mkdirSync(dir, { recursive: true })
  const lock = takeLock(dir, 'writer')
  const file = makeDayFile(dir, options.fsync)
  const hasSpace = makeSpaceGuard(dir, options.minFree)
  const isNew = makeRecall(dir, options.recall)
  const isWanted = ({ rec }: Line): boolean =>
    rec.warm !== true && (has.length === 0 || has.some(part => rec[part] !== undefined))

  return {
    takesJumps: true,
    setBack: file.beginAt,
    batch(lines, emit) {
      hasSpace()
      const wanted = lines.filter(isWanted)
      const fresh = wanted.filter(line => isNew(line))
      if (fresh.length < wanted.length) count('repeated', wanted.length - fresh.length)
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
function makeDayFile(dir: string, fsyncMs: number) {
  const newest = listDays(dir).at(-1)
  let date = newest?.date ?? ''
  let open: Appender | undefined
  if (newest?.isArchive) date = dateOf(Date.parse(date) + 86_400_000)
  if (newest !== undefined) open = openAppender(join(dir, `${date}.ndjson`), fsyncMs)
  const turnTo = (next: string): Appender => {
    open?.close()
    date = next
    return (open = openAppender(join(dir, `${date}.ndjson`), fsyncMs))
  }
  return {
    /** The day to begin with, where there is none yet. */
    beginAt(ts: number): void {
      if (open === undefined && date === '') turnTo(dateOf(ts))
    },
    write(lines: readonly Line[]) {
      let text = ''
      for (const line of lines) {
        const day = dateOf(line.rec.ts)
        if (day > date && (date === '' || !isJump(line.rec))) {
          if (text !== '') open?.append(Buffer.from(text))
          text = ''
          turnTo(day)
        }
        text += `${line.raw}\n`
      }
      if (text !== '') open?.append(Buffer.from(text))
    },
    close: () => open?.close(),
  }
}

/**
 * True for a line whose key is not among the newest of the journal. Reads the end of the journal
 * once.
 */
function makeRecall(dir: string, bytes: number): (line: Line) => boolean {
  if (bytes === 0) return () => true
  const seen = makeSeen(1 << 20)
  for (const day of listDays(dir).slice(-2)) {
    if (!day.isArchive) for (const [raw] of lastLines(day.path, bytes)) seen.add(keyOfText(raw))
  }
  return line => seen.add(keyOf(line.rec))
}
