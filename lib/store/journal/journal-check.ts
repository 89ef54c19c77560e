import { closeSync, fstatSync, openSync } from 'node:fs'
import type { Output } from '../../base/console.ts'
import { DataError, messageOf, show, UsageError } from '../../base/errors.ts'
import { parseLine } from '../../stream/parse.ts'
import { DAMAGES, makeChecker } from '../sealed/checksum.ts'
import { type Day, journalDir, listDays, listJournals } from './days.ts'
import { endOfLines, linesIn } from './tail.ts'

/** What a look at every line of a day found. */
interface DayCheck {
  lines: number
  wrong: { line: number; why: string }[]
  /** Of an unfinished end: being written, or left by a crash; the next start cuts them off. */
  tornBytes: number
  /** The chain of checksums behind its last line, and what it starts from. */
  chain: number | undefined
  start: number | undefined
}

/**
 * Looks at every line of journals: checksums, order, records; days that were archived have none.
 * A line of NDJSON for each wrong line and each day. DataError when anything was wrong, UsageError
 * for a journal that is not there.
 */
export async function checkJournals(
  home: string,
  names: readonly string[],
  out: Output,
): Promise<void> {
  const known = listJournals(home)
  const missing = names.find(name => !known.includes(name))
  if (missing !== undefined)
    throw new UsageError(
      `no journal ${show(missing)}; there are: ${known.join(', ') || 'none yet'}`,
    )
  let first: DataError | undefined
  for (const journal of names.length > 0 ? names : known) {
    const days = listDays(journalDir(home, journal))
    // One day is kept back: only the next one says where it ended.
    let held: { day: Day; found: DayCheck | undefined } | undefined
    for (const day of [...days, undefined]) {
      const found = day && !day.isArchive ? checkDay(day, held?.found?.chain) : undefined
      if (held !== undefined) {
        await out.write(rowsOf(journal, held.day, held.found, endOf(held.found, found)))
        first ??= held.found && firstWrong(held.day, held.found)
      }
      held = day && { day, found }
    }
  }
  if (first !== undefined) throw first
}

/**
 * Whether the end of a day is known to be its end: the chain of the next day starts there. Lines
 * that were cut off the newest file leave no trace in it.
 */
const endOf = (found: DayCheck | undefined, next: DayCheck | undefined): string =>
  found?.chain !== undefined && next?.start === found.chain ? 'proven' : 'unproven'

const rowsOf = (
  journal: string,
  { date, path }: Day,
  found: DayCheck | undefined,
  end: string,
): string => {
  const { lines, tornBytes, wrong = [] } = found ?? {}
  const day =
    found === undefined ? { archived: true } : { lines, wrong: wrong.length, tornBytes, end }
  const rows = [
    ...wrong.map(({ line, why }) => ({ of: 'wrong', journal, path, line, why })),
    { of: 'day', journal, date, ...day },
  ]
  return rows.map(row => `${JSON.stringify(row)}\n`).join('')
}

function firstWrong({ path }: Day, { wrong }: DayCheck): DataError | undefined {
  const [first] = wrong
  if (first === undefined) return undefined
  const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more in this file)` : ''
  const error = new DataError(
    `${first.why}${more}; put back a copy of the file, or take the line out and the ` +
      'checksums of the whole file, then “sluice sync --rebuild”',
    { line: first.line },
  )
  error.place = path
  return error
}

/** `before` is where the chain of the day before ended, where that is known. */
function checkDay({ path }: Day, before: number | undefined): DayCheck {
  const checker = makeChecker()
  const wrong: DayCheck['wrong'] = []
  let lines = 0
  for (const { bytes } of linesIn(path)) {
    lines++
    const { text, damage } = checker.take(bytes.toString(), bytes)
    const why = damage === undefined ? reasonAgainst(text) : DAMAGES[damage]
    if (why !== undefined) wrong.push({ line: lines, why })
  }
  const start = checker.start()
  const isFresh = start !== undefined && checker.unsealed() === 0
  if (isFresh && before !== undefined && start !== before)
    wrong.push({ line: 1, why: 'the day before ended elsewhere: its last lines are gone' })
  return { lines, wrong, tornBytes: tornBytesOf(path), chain: checker.chain(), start }
}

function reasonAgainst(text: string): string | undefined {
  try {
    parseLine(text, 0)
    return undefined
  } catch (error) {
    if (error instanceof DataError) return messageOf(error)
    throw error
  }
}

function tornBytesOf(path: string): number {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    return size - endOfLines(fd, size)
  } finally {
    closeSync(fd)
  }
}
