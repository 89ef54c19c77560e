import type { Output } from '../../base/console.ts'
import { DataError, show, UsageError } from '../../base/errors.ts'
import { checkArchive, checkDay, type DayCheck } from './day-check.ts'
import { type Day, journalDir, listDays, listJournals } from './days.ts'
import { goneError, type HeadState, stateOfHead } from './journal-head.ts'

/**
 * Looks at every line of journals: checksums, order, records, and that none was cut off the end. A
 * line of NDJSON for each wrong line and each day. DataError when anything was wrong, UsageError
 * for a journal that is not there.
 */
export async function checkJournals(
  home: string,
  names: readonly string[],
  out: Output,
): Promise<void> {
  let first: DataError | undefined
  for (const journal of journalsNamed(home, names)) {
    const dir = journalDir(home, journal)
    // The head comes first: a journal that is being written only grows.
    const state = stateOfHead(dir)
    const days = listDays(dir)
    // One day is kept back: only the next one says where it ended.
    let held: { day: Day; found: DayCheck } | undefined
    for (const day of [...days, undefined]) {
      const found =
        day &&
        (await (day.isArchive
          ? checkArchive(day)
          : checkDay(day, held === undefined ? [] : held.found.ends)))
      if (held !== undefined) {
        await out.write(rowsOf(journal, held.day, held.found, endOf(held, found, state)))
        first ??= firstWrong(held.day, held.found, journal)
      }
      held = day && found && { day, found }
    }
    if (state?.gone === undefined) continue
    await out.write(`${JSON.stringify(goneRow(journal, state.gone))}\n`)
    first ??= goneError(state.gone, journal)
  }
  if (first !== undefined) throw first
}

/** Journals of a home by name, or all. UsageError for one that is not there. */
export function journalsNamed(home: string, names: readonly string[]): readonly string[] {
  const known = listJournals(home)
  const missing = names.find(name => !known.includes(name))
  if (missing !== undefined)
    throw new UsageError(
      `no journal ${show(missing)}; there are: ${known.join(', ') || 'none yet'}`,
    )
  return names.length > 0 ? names : known
}

/** A row for lines that are gone from an end. */
export const goneRow = (
  journal: string,
  { path, line, why }: NonNullable<HeadState['gone']>,
): object => ({ of: 'wrong', journal, path, line, why, repair: 'gone on without' })

/**
 * Whether the end of a day is known to be its end: the chain of the next day starts there, or the
 * head of the journal tells of all that is there.
 */
function endOf(
  { day, found }: { day: Day; found: DayCheck },
  next: DayCheck | undefined,
  state: HeadState | undefined,
): string {
  if (found.chain === undefined) return 'unproven'
  const isHead = state?.head.file === `${day.date}.ndjson` && state.gone === undefined
  const isProven = next?.start === found.chain || (isHead && state.head.bytes === found.bytes)
  return isProven ? 'proven' : 'unproven'
}

/** Lines of NDJSON for each wrong line of a day and the day itself. */
export const rowsOf = (
  journal: string,
  { date, path, isArchive }: Day,
  { lines, tornBytes, wrong }: DayCheck,
  end: string,
): string => {
  const about = isArchive ? { archived: true } : { tornBytes, end }
  const day = { lines, wrong: wrong.length, ...about }
  const rows = [
    ...wrong.map(({ line, why, repair }) => ({ of: 'wrong', journal, path, line, why, repair })),
    { of: 'day', journal, date, ...day },
  ]
  return rows.map(row => `${JSON.stringify(row)}\n`).join('')
}

/** The error for the first wrong line of a day; undefined where there is none. */
export function firstWrong({ path }: Day, { wrong }: DayCheck, journal: string) {
  const [first] = wrong
  if (first === undefined) return undefined
  const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more in this file)` : ''
  const error = new DataError(
    `${first.why}${more}; put a copy of the file back, or see what “sluice journal repair ` +
      `${journal} --dry-run” proposes`,
    { line: first.line },
  )
  error.place = path
  return error
}
