import { DataError, TemporaryError } from '../base/errors.ts'
import type { Line } from './line.ts'
import { EVERY_PART } from './line.ts'
import { checkParts, parseLine } from './parse.ts'

/**
 * Where bad lines go with --skip-bad: counted, written with their reason, and fatal above a share.
 */
export interface BadLines {
  skip: boolean
  /** Share of bad lines tolerated. */
  max: number
  /** Input comes from a program that `keep` restarts together with this one. */
  isKept?: boolean
  /** Keeps a bad line: one JSON object as text. */
  reject(entry: string): void
}

/** What one step takes in: numbering, checking, and the fate of bad lines. */
export interface Intake {
  /** Lines seen so far, bad and blank ones included. */
  seen(): number
  /** Lines refused so far. */
  refused(): number
  /** Notes bytes that were read for the lines to come, as they lie in the file: packed or not. */
  read(bytes: number): void
  /** Bytes noted so far. */
  bytes(): number
  /** Parses the next line of text. Undefined when it was blank, or bad and skipped. */
  parse(raw: string): Line | undefined
  /**
   * Takes a line that an earlier step of the same process emitted. False when it was bad and
   * skipped.
   */
  admit(line: Line): boolean
  /**
   * Reads the next record of a text that is not NDJSON. A DataError of `read` refuses it: undefined
   * when it was skipped.
   */
  take<T>(from: { readonly raw: string }, read: () => T): T | undefined
  /** Refuses the next line for a reason that lies in its bytes. */
  fail(reason: string, raw: string): void
  /**
   * Refuses a last line that is no whole record. TemporaryError where the program before this one
   * is restarted with it.
   */
  torn(raw: string): void
  /**
   * Refuses a line: throws when strict or when too many were bad, else keeps it among the rejects.
   */
  refuse(error: unknown, raw: string, no: number): void
  /** Judges the share of bad lines once more at the end of input. */
  finish(): void
}

const WINDOW = 10_000
const GRACE = 100

/** Takes lines that must hold the parts `reads`; `place` names the input in errors. */
export function makeIntake(reads: readonly string[], bad: BadLines, place = ''): Intake {
  const share = makeShare(bad.max)
  let no = 0
  let refused = 0
  let bytes = 0

  const refuse = (error: unknown, raw: string, at: number): void => {
    if (!(error instanceof DataError)) throw error
    error.line ??= at
    error.place ??= place
    if (!bad.skip) throw error
    refused++
    bad.reject(rejectEntry(error, raw))
    share.add(1)
    share.judge(error)
  }
  const guarded = <T>(from: { readonly raw: string }, at: number, act: () => T): T | undefined => {
    try {
      const made = act()
      share.add(0)
      return made
    } catch (error) {
      refuse(error, from.raw, at)
      return undefined
    }
  }
  return {
    seen: () => no,
    refused: () => refused,
    read: n => void (bytes += n),
    bytes: () => bytes,
    parse(raw) {
      no++
      if (isBlank(raw)) return undefined
      return guarded({ raw }, no, () => {
        const line = parseLine(raw, no)
        checkParts(line, reads)
        return line
      })
    },
    admit(line) {
      line.no = ++no
      if (line.checked === EVERY_PART) {
        share.add(0)
        return true
      }
      return guarded(line, no, () => checkParts(line, reads) ?? true) ?? false
    },
    take: (from, read) => guarded(from, ++no, read),
    fail: (reason, raw) => refuse(new DataError(reason), raw, ++no),
    torn(raw) {
      if (bad.isKept && !bad.skip)
        throw new TemporaryError(`${TORN}: the program before this one was ended`)
      refuse(new DataError(TORN), raw, ++no)
    },
    refuse,
    finish: () => share.judge(new DataError('the end of input')),
  }
}

const TORN = 'input ended inside a record'

const isBlank = (raw: string): boolean =>
  raw.length === 0 || (raw.charCodeAt(0) <= 32 && raw.trim() === '')

const rejectEntry = (error: DataError, raw: string): string =>
  JSON.stringify({
    line: error.line,
    ...(error.place ? { place: error.place } : {}),
    ...(error.field ? { field: error.field } : {}),
    reason: error.message,
    raw,
  })

/**
 * Share of bad lines among the last 10,000, never judged before 100 lines: a torn head of a file is
 * not a broken file.
 */
function makeShare(max: number) {
  const recent = new Uint8Array(WINDOW)
  let lines = 0
  let bad = 0
  return {
    add(isBad: 0 | 1): void {
      const slot = lines++ % WINDOW
      bad += isBad - recent[slot]!
      recent[slot] = isBad
    },
    judge(last: DataError): void {
      const width = Math.min(lines, WINDOW)
      if (lines < GRACE || bad <= max * width) return
      throw new DataError(
        `${bad} of the last ${width} lines are bad, more than --max-bad ${max}; last: ` +
          `${last.toString()}`,
      )
    },
  }
}
