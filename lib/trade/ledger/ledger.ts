import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { syncFolder } from '../../base/atomic-write.ts'
import { toBase58 } from '../../base/base58.ts'
import { DataError, messageOf, TemporaryError, UsageError } from '../../base/errors.ts'
import { explain, fits } from '../../records/check.ts'
import type { Rec } from '../../records/record.ts'
import { takeLock } from '../../store/lock.ts'
import type { SignedSwap } from '../venue.ts'
import { type Ballast, isFull, keepBallast } from './ballast.ts'

/** First line of a ledger: what its amounts mean. */
export interface LedgerHead {
  ledger: 'sluice'
  v: 1
  /** paper or live: money of one kind never mixes with the other. */
  mode: string
  cashLamports: string
  /** Address that a live ledger’s money belongs to. */
  wallet?: string
}

interface Ledger {
  /** Bytes of a torn tail that were cut off at the start; 0 = the last run ended cleanly. */
  repaired: number
  /** Lines of the runs before. */
  replayed: number
  /**
   * Returns after the lines are on disk. TemporaryError when they cannot be: then none of them is.
   */
  append(lines: readonly string[]): void
  /** The disk is full and the ballast is gone: what is still written is for the exits. */
  isFull(): boolean
  close(): void
}

const BLOCK = 1 << 20
const NEWLINE = 10

/**
 * Opens a ledger for this process alone and replays it: `apply` gets every line in order. A tail
 * without its newline, or a last line that is no JSON, was never acknowledged and is cut off; any
 * other foreign line is a DataError naming it, and nothing is written. UsageError when the head
 * says another mode or start. The file is readable by its owner only. With `ballastBytes` that much
 * of the disk is kept back for when it is full.
 */
export function openLedger(
  path: string,
  head: LedgerHead,
  apply: (rec: Rec, signed: SignedSwap | undefined) => void,
  ballastBytes = 0,
): Ledger {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const lock = takeLock(dirname(path), `ledger-${basename(path).replaceAll('.', '-')}`)
  let fd: number | undefined
  try {
    fd = openSync(path, 'a+', 0o600)
    const { end, size, count } = replay(fd, path, head, apply)
    if (end < size) ftruncateSync(fd, end)
    if (end === 0) write(fd, `${JSON.stringify(head)}\n`)
    fsyncSync(fd)
    syncFolder(dirname(path))
    const ballast = ballastBytes > 0 ? keepBallast(path, ballastBytes) : undefined
    return handle(path, fd, lock, { repaired: size - end, replayed: count, ballast })
  } catch (error) {
    if (fd !== undefined) closeSync(fd)
    lock.release()
    throw error
  }
}

type Handled = Pick<Ledger, 'repaired' | 'replayed'> & { ballast: Ballast | undefined }

function handle(
  path: string,
  fd: number,
  lock: { release(): void },
  { ballast, ...about }: Handled,
): Ledger {
  let size = fstatSync(fd).size
  let hasRunFull = false
  const put = (text: string): void => {
    const added = write(fd, text)
    fsyncSync(fd)
    size += added
  }
  return {
    ...about,
    isFull: () => hasRunFull,
    append(lines) {
      if (lines.length === 0) return
      const text = `${lines.join('\n')}\n`
      try {
        try {
          put(text)
        } catch (error) {
          if (!isFull(error) || ballast?.drop() !== true) throw error
          hasRunFull = true
          ftruncateSync(fd, size)
          put(text)
        }
      } catch (error) {
        ftruncateSync(fd, size)
        throw new TemporaryError(
          `${path} cannot be written, nothing was traded: ${messageOf(error)}`,
        )
      }
    },
    close() {
      closeSync(fd)
      lock.release()
    },
  }
}

/** Bytes written: all of them, or an error. */
function write(fd: number, text: string): number {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
  return bytes.length
}

/** Reads the file once. `end` is where its last good line ends. */
function replay(
  fd: number,
  path: string,
  head: LedgerHead,
  apply: (rec: Rec, signed: SignedSwap | undefined) => void,
) {
  const size = fstatSync(fd).size
  let end = 0
  let no = 0
  let bad: DataError | undefined
  for (const { text, to } of linesOf(fd)) {
    if (bad !== undefined) throw bad
    no++
    const parsed = parse(text)
    if (parsed === undefined) {
      bad = foreign(path, no, 'not JSON')
      continue
    }
    if (no === 1) checkHead(path, parsed, head)
    else apply(checkLine(path, no, parsed), signedIn(path, no, parsed))
    end = to
  }
  return { end, size, count: Math.max(0, no - (bad === undefined ? 1 : 2)) }
}

/**
 * Whole lines with the offset behind their newline; what follows the last newline is not a line.
 */
export function* linesOf(fd: number): Generator<{ text: string; to: number }> {
  const block = Buffer.allocUnsafe(BLOCK)
  let rest = Buffer.alloc(0)
  let offset = 0
  for (let at = 0; ; ) {
    const got = readSync(fd, block, 0, BLOCK, at)
    if (got === 0) return
    at += got
    rest = Buffer.concat([rest, block.subarray(0, got)])
    let from = 0
    for (let to = rest.indexOf(NEWLINE); to >= 0; to = rest.indexOf(NEWLINE, from)) {
      yield { text: rest.toString('utf8', from, to), to: offset + to + 1 }
      from = to + 1
    }
    rest = rest.subarray(from)
    offset += from
  }
}

/** The value of a JSON text; undefined where it is none. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The error for a line that this program has not written so. */
export const foreign = (path: string, line: number, why: string): DataError =>
  new DataError(`${path} is not a ledger of sluice, or was edited: ${why}`, { line })

/**
 * Cash that an existing ledger began with; undefined when there is none. A DataError for a file
 * that is no ledger.
 */
export function cashOf(path: string): bigint | undefined {
  if (!existsSync(path)) return undefined
  const fd = openSync(path, 'r')
  try {
    const [first] = linesOf(fd)
    if (first === undefined) return undefined
    const { ledger, cashLamports } = (parse(first.text) ?? {}) as Partial<LedgerHead>
    if (ledger !== 'sluice' || !/^\d{1,38}$/.test(cashLamports ?? ''))
      throw foreign(path, 1, 'no head')
    return BigInt(cashLamports ?? '')
  } finally {
    closeSync(fd)
  }
}

function checkHead(path: string, parsed: unknown, head: LedgerHead): void {
  const found = (parsed ?? {}) as Partial<LedgerHead>
  if (found.ledger !== 'sluice' || found.v !== 1)
    throw foreign(path, 1, 'expected {"ledger":"sluice","v":1,…}')
  for (const key of ['mode', 'cashLamports', 'wallet'] as const)
    if (found[key] !== head[key])
      throw new UsageError(
        `${path}: its ${key} is ${found[key]}, this run has ${head[key]}; choose another --ledger`,
      )
}

/** Parts that a ledger holds, by the kind of line. */
const KINDS = ['order', 'fill', 'position'] as const

/** The line as a record of the ledger. A DataError with its number where it is none. */
export function checkLine(path: string, no: number, parsed: unknown): Rec {
  const rec = parsed as Rec
  const kind = KINDS.find(name => name === rec?.kind)
  if (kind === undefined || rec.source !== 'execute' || !fits('envelope', rec))
    throw foreign(path, no, 'expected a line of kind order, fill or position by execute')
  if (!fits(kind, rec[kind])) {
    try {
      explain(kind, rec[kind])
    } catch (error) {
      throw foreign(path, no, messageOf(error))
    }
  }
  return rec
}

/** Signed bytes of a line, checked: other bytes than those that were sent must never leave. */
function signedIn(path: string, no: number, parsed: unknown): SignedSwap | undefined {
  const { signed, order } = parsed as {
    signed?: Partial<SignedSwap>
    order?: { signature?: string }
  }
  if (signed === undefined) return undefined
  const { signature, tx, lastValid, requestId } = signed ?? {}
  const isWhole =
    typeof tx === 'string' && typeof lastValid === 'number' && Number.isSafeInteger(lastValid)
  const bytes = Buffer.from(isWhole ? tx : '', 'base64')
  const isSame =
    bytes.length > 65 &&
    signature === order?.signature &&
    toBase58(bytes.subarray(1, 65)) === signature
  if (!isWhole || !isSame || (requestId !== undefined && typeof requestId !== 'string'))
    throw foreign(path, no, 'signed bytes that do not belong to their signature')
  return { signature, tx, lastValid, ...(requestId !== undefined && { requestId }) }
}
