import type { Rec } from '../../records/record.ts'
import { type Disk, realDisk } from '../../store/machine-disk.ts'
import { type Checker, DAMAGES, makeChecker } from '../../store/sealed/checksum.ts'
import { type Head, readHead } from '../../store/sealed/head-file.ts'
import type { SignedSwap } from '../venue.ts'
import {
  foreign,
  headOf,
  type LedgerHead,
  linesOf,
  parse,
  type RawLine,
  reasonAgainst,
  signedOf,
} from './ledger-lines.ts'

/** A line of a ledger that is not as it was written, or not where. */
export interface WrongLine {
  no: number
  why: string
  /** Without its checksum. */
  text: string
  /** The record, where the line itself is whole and only its place is wrong. */
  rec: Rec | undefined
  /** It is not there any more, nor is what came behind it. */
  isGone?: true
}

/** What is told of a ledger while it is read. */
export interface LedgerVisitor {
  head(head: LedgerHead, text: string): void
  /** A good line without its checksum, in order. */
  line(rec: Rec, about: { no: number; text: string; signed: SignedSwap | undefined }): void
  /** A line that cannot be believed. Without this it is a DataError. */
  wrong?(wrong: WrongLine): void
}

/** Where a ledger keeps how far it was on disk. */
export const headPath = (path: string): string => `${path}.head`

interface LedgerWalk {
  /** Where its last good line ends, and where the file does. */
  end: number
  size: number
  /** Lines behind the head that end before `end`. */
  lines: number
  checker: Checker
}

/**
 * Reads a ledger once. An end that a crash left, a line without its newline or one of lost pages,
 * was never acknowledged and is left out; every other line that is not as it was written is wrong:
 * other bytes, a line removed, doubled or moved, a fill twice, an order that landed without its
 * fill (which goes first); last lines that its head tells of and that are gone. Lines of versions
 * without checksums have none to be wrong.
 */
export function walkLedger(
  fd: number,
  path: string,
  visitor: LedgerVisitor,
  disk = realDisk,
): LedgerWalk {
  // The head comes first: a ledger that is being written only grows.
  const head = makeHeadCheck(path, readHead(headPath(path), disk))
  const size = disk.size(fd)
  const checker = makeChecker()
  const judge = makeJudge(checker)
  let isWhole = true
  const wrong = (line: WrongLine): void => {
    isWhole = false
    if (visitor.wrong === undefined) throw foreign(path, line.no, line.why)
    visitor.wrong(line)
  }
  let [no, end] = [0, 0]
  let torn: RawLine | undefined
  for (const line of linesOf(fd, disk)) {
    if (torn !== undefined) wrong({ no, why: NOT_JSON, text: torn.text, rec: undefined })
    torn = undefined
    no++
    const parsed = parse(line.text)
    if (parsed === undefined && isTorn(line.text, no)) torn = line
    else {
      take(judge(no, line, parsed), visitor, wrong)
      end = line.to
      head.passed(end, checker.chain())
    }
  }
  const tail = readTail(disk, fd, end, size)
  if (torn === undefined && isDamagedTail(tail, no)) {
    wrong({ no: no + 1, why: NO_END, text: tail, rec: undefined })
    end = size
  }
  const why = isWhole ? head.reasonAgainst(end) : undefined
  if (why !== undefined)
    wrong({ no: torn === undefined ? no + 1 : no, why, text: '', rec: undefined, isGone: true })
  return { end, size, lines: Math.max(0, no - (torn === undefined ? 1 : 2)), checker }
}

/** Holds a ledger against what its head says of it. */
function makeHeadCheck(path: string, head: Head | undefined) {
  let isIt = false
  return {
    passed(to: number, chain: number | undefined): void {
      if (to === head?.bytes) isIt = chain === head.chain
    },
    reasonAgainst(end: number): string | undefined {
      if (head === undefined || isIt) return undefined
      const file = headPath(path)
      return end < head.bytes
        ? `its last lines are gone: ${file} tells of ${head.bytes} bytes, and ${end} are here ` +
            '(where it was taken away to begin anew, take that file away too)'
        : `it is not the file that ${file} tells of, although each line is whole`
    },
  }
}

const NOT_JSON = 'not JSON'
const NO_END = 'its last line does not end as lines do'

interface Judged {
  no: number
  text: string
  parsed: unknown
  why: string | undefined
  /** The line is whole, whatever stands before it. */
  isWhole: boolean
}

function take(
  { no, text, parsed, why, isWhole }: Judged,
  visitor: LedgerVisitor,
  wrong: (wrong: WrongLine) => void,
): void {
  if (why !== undefined)
    wrong({ no, why, text, rec: isWhole && no > 1 ? (parsed as Rec) : undefined })
  else if (no === 1) visitor.head(headOf(parsed)!, text)
  else visitor.line(parsed as Rec, { no, text, signed: signedOf(parsed) ?? undefined })
}

/** Judges each line by its checksum, its shape and the lines before it. */
function makeJudge(checker: Checker) {
  const fills = new Set<string>()
  const filled = new Set<string>()
  const story = ({ id, fill, order }: Rec): string | undefined => {
    if (fill !== undefined) {
      if (fills.has(id)) return `the fill ${id} a second time`
      fills.add(id)
      filled.add(fill.intent)
    }
    return order?.state === 'landed' && !filled.has(order.intent)
      ? `the order ${order.intent} has landed, and there is no fill of it`
      : undefined
  }
  const against = (no: number, parsed: unknown): string | undefined => {
    if (parsed === undefined) return NOT_JSON
    if (no === 1) return headOf(parsed) ? undefined : 'expected {"ledger":"sluice","v":1,…}'
    return reasonAgainst(parsed) ?? story(parsed as Rec)
  }
  return (no: number, { text: stored, bytes }: RawLine, parsed: unknown): Judged => {
    const { text, damage } = checker.take(stored, bytes)
    if (text !== stored && parsed !== undefined) delete (parsed as { checksum?: string }).checksum
    const isWhole = damage === undefined || damage === 'broken-chain'
    const other = isWhole ? against(no, parsed) : undefined
    const why = damage === undefined ? other : DAMAGES[damage] + (other ? `; ${other}` : '')
    return { no, text, parsed, why, isWhole: isWhole && other === undefined }
  }
}

const HEAD_START = '{"ledger":"sluice"'
const SUM_START = '"checksum":"'

/** Bytes that a crash may leave where a line was to be: not a whole line that was changed. */
const isTorn = (text: string, no: number): boolean =>
  no > 1 && (text.includes('\0') || !(text.endsWith('}') || text.includes(SUM_START)))

/** The end of a file that is no line. The longest line is far below this. */
function readTail(disk: Disk, fd: number, from: number, to: number): string {
  const bytes = Buffer.alloc(Math.min(to - from, 1 << 20))
  return bytes.toString('utf8', 0, disk.read(fd, bytes, from))
}

/** A whole line whose newline was changed; or, as the first line, the start of another file. */
function isDamagedTail(tail: string, lines: number): boolean {
  if (tail === '' || /^\0+$/.test(tail)) return false
  if (lines === 0) return !tail.startsWith(HEAD_START) && !HEAD_START.startsWith(tail)
  return /"checksum":"[0-9a-f.]{16,25}"\}[\s\S]/.test(tail)
}
