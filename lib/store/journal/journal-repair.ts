import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { keepBeside, syncFolder } from '../../base/atomic-write.ts'
import type { Output } from '../../base/console.ts'
import type { DataError } from '../../base/errors.ts'
import { holdFolder } from '../hold.ts'
import { makeChecker, sealAll, sealerAfter, unseal } from '../sealed/checksum.ts'
import { writeAll } from './append.ts'
import { checkDay, type DayCheck, isMovedOnly } from './day-check.ts'
import { type Day, journalDir, listDays } from './days.ts'
import { firstWrong, goneRow, journalsNamed, rowsOf } from './journal-check.ts'
import { goneError, headPath, keepJournalHead, stateOfHead } from './journal-head.ts'
import { linesIn } from './tail.ts'

interface Repair {
  /** Only say what would be done; then what is wrong is a DataError at the end. */
  isDry: boolean
  warn(text: string): void
}

/**
 * Writes the days of journals anew without the lines that cannot be believed, and all later ones
 * too, whose chains start from them. Each is put in place as a whole; what had wrong lines stays
 * beside it. Rows as of a check, each wrong line with what becomes of it. TemporaryError while a
 * journal is written.
 */
export async function repairJournals(
  home: string,
  names: readonly string[],
  how: Repair,
  out: Output,
): Promise<void> {
  let first: DataError | undefined
  for (const journal of journalsNamed(home, names)) {
    const dir = journalDir(home, journal)
    const hold = how.isDry ? undefined : holdFolder(dir, how.warn)
    try {
      first ??= await repairJournal(dir, journal, how, out)
    } finally {
      hold?.release()
    }
  }
  if (how.isDry && first !== undefined) throw first
}

async function repairJournal(
  dir: string,
  journal: string,
  { isDry, warn }: Repair,
  out: Output,
): Promise<DataError | undefined> {
  let first: DataError | undefined
  let end: End | undefined
  let ends: DayCheck['ends'] = []
  let rewritten = 0
  const gone = stateOfHead(dir)?.gone
  for (const day of listDays(dir)) {
    if (day.isArchive) {
      ends = undefined
      continue
    }
    const found = checkDay(day, ends)
    ends = found.ends
    await out.write(rowsOf(journal, day, found, 'unproven'))
    first ??= firstWrong(day, found, journal)
    if (!isDry && found.wrong.length > 0) {
      if (!isMovedOnly(found)) warn(`${day.path}: what was there is ${keepBeside(day.path)}`)
      end = rewrite(day, found, end?.chain ?? 0)
      ends = [end.chain ?? 0]
      rewritten++
    } else end = { day, bytes: found.bytes, chain: found.chain }
  }
  if (gone !== undefined) {
    await out.write(`${JSON.stringify(goneRow(journal, gone))}\n`)
    first ??= goneError(gone, journal)
  }
  if (isDry || first === undefined) return first
  tellEnd(dir, end)
  warn(`${dir}: ${rewritten} files written anew; “sluice sync --rebuild” loads them`)
  return first
}

/** Where the newest file of a journal ends. */
interface End {
  day: Day
  bytes: number
  chain: number | undefined
}

function tellEnd(dir: string, end: End | undefined): void {
  const { day, bytes = 0, chain } = end ?? {}
  if (day === undefined || chain === undefined) {
    rmSync(headPath(dir), { force: true })
    return
  }
  const head = keepJournalHead(dir)
  head.put({ file: basename(day.path), bytes, chain })
  head.close()
}

/** Puts the lines of a day that stay in its place, in a chain that starts from `start`. */
function rewrite(day: Day, { wrong }: DayCheck, start: number): End {
  const out = new Set(wrong.filter(({ stays }) => !stays).map(({ line }) => line))
  const sealer = sealerAfter(makeChecker(), start)
  const temporary = `${day.path}.${process.pid}.tmp`
  const fd = openSync(temporary, 'w', 0o600)
  let bytes = 0
  try {
    fchmodSync(fd, statSync(day.path).mode & 0o777)
    let batch: string[] = []
    const flush = (): void => {
      if (batch.length === 0) return
      const sealed = sealAll(sealer, batch)
      writeAll(fd, sealed)
      bytes += sealed.length
      batch = []
    }
    let line = 0
    for (const stored of linesIn(day.path)) {
      if (!out.has(++line)) batch.push(unseal(stored.bytes.toString()).text)
      if (batch.length >= BATCH) flush()
    }
    flush()
    fsyncSync(fd)
    renameSync(temporary, day.path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
  syncFolder(dirname(day.path))
  return { day, bytes, chain: bytes === 0 ? undefined : sealer.chain() }
}
const BATCH = 1000
