import { closeSync, fstatSync, openSync } from 'node:fs'
import { DataError, messageOf } from '../../base/errors.ts'
import type { Line } from '../../stream/line.ts'
import { parseLine } from '../../stream/parse.ts'
import { DAMAGES, makeChecker } from '../sealed/checksum.ts'
import type { Day } from './days.ts'
import { keyOf } from './line-key.ts'
import { makeSeen } from './seen.ts'
import { endOfLines, linesIn } from './tail.ts'

/** A line of a day that is not as it was written, or not where, and what a repair does with it. */
interface WrongLine {
  line: number
  why: string
  repair: string
  stays: boolean
}

/** What a look at every line of a day found. */
export interface DayCheck {
  lines: number
  wrong: WrongLine[]
  /** Bytes of its whole lines, and of an unfinished end: being written, or left by a crash. */
  bytes: number
  tornBytes: number
  /** The chain of checksums behind its last line, and what it starts from. */
  chain: number | undefined
  start: number | undefined
  /** What the chain of the next day may start from; undefined where nobody can say. */
  ends: readonly number[] | undefined
}

const REPAIRS = {
  place: 'kept; what stood before it may be lost: compare with a copy',
  second: 'left out; the first stays',
  other: 'left out',
  rechained: 'kept; the chain starts anew',
}

/** Whether all its lines are as they were, and only the day before ends elsewhere by now. */
export const isMovedOnly = ({ wrong }: DayCheck): boolean =>
  wrong.every(({ repair }) => repair === REPAIRS.rechained)

/** So many ids are told from one another when a line comes a second time. */
const MOST = 1 << 20

/** Looks at each line of a day; `before` is what its chain may start from, none for the first. */
export function checkDay({ path }: Day, before: DayCheck['ends']): DayCheck {
  const checker = makeChecker()
  const seen = makeSeen(MOST)
  const wrong: WrongLine[] = []
  let lines = 0
  for (const { bytes } of linesIn(path)) {
    lines++
    const { text, damage } = checker.take(bytes.toString(), bytes)
    const isWhole = damage === undefined || damage === 'broken-chain' || damage === 'no-start'
    const { line, why } = isWhole ? read(text) : { line: undefined, why: undefined }
    const isFirst = line === undefined || seen.add(keyOf(line.rec))
    const reason = damage === undefined ? why : DAMAGES[damage]
    if (reason === undefined) continue
    const stays = line !== undefined && isFirst
    const repair = stays ? REPAIRS.place : isFirst ? REPAIRS.other : REPAIRS.second
    wrong.push({ line: lines, why: reason, repair, stays })
  }
  const start = checker.start()
  const isFresh = start !== undefined && checker.unsealed() === 0
  if (isFresh && before !== undefined && before.length > 0 && !before.includes(start)) {
    const why = 'the day before ended elsewhere: lines of it are gone, or their checksums'
    wrong.push({ line: 1, why, repair: REPAIRS.rechained, stays: true })
  }
  const chain = checker.chain()
  const ends = chain !== undefined ? [chain] : endsWithout(lines, checker.unsealed(), before)
  return { lines, wrong, ...endOf(path), chain, start, ends }
}

/**
 * Behind lines without checksums a chain starts anew, or from what they are. A day without lines is
 * one that a crash left: the next goes on from the day before it.
 */
function endsWithout(lines: number, unsealed: number, before: DayCheck['ends']): DayCheck['ends'] {
  return lines > 0 ? [0, unsealed] : before && [...before, 0]
}

/** Reads an archived day; a DataError in it is its one wrong line. */
export async function checkArchive({ path }: Day): Promise<DayCheck> {
  const found: DayCheck = { ...NOTHING, wrong: [] }
  const { archivedLines } = await import('../duck/archive.ts')
  try {
    for await (const raws of archivedLines(path, 0)) found.lines += raws.length
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    found.wrong.push({
      line: found.lines + 1,
      why: messageOf(error),
      repair: 'none: only a copy of the file helps',
      stays: true,
    })
  }
  return found
}
const NOTHING = {
  lines: 0,
  bytes: 0,
  tornBytes: 0,
  chain: undefined,
  start: undefined,
  ends: undefined,
}

function read(text: string): { line?: Line; why?: string } {
  try {
    return { line: parseLine(text, 0) }
  } catch (error) {
    if (error instanceof DataError) return { why: messageOf(error) }
    throw error
  }
}

function endOf(path: string): { bytes: number; tornBytes: number } {
  const fd = openSync(path, 'r')
  try {
    const { size } = fstatSync(fd)
    const bytes = endOfLines(fd, size)
    return { bytes, tornBytes: size - bytes }
  } finally {
    closeSync(fd)
  }
}
