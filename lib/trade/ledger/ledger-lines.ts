import { DataError, messageOf } from '../../base/errors.ts'
import { explain, fits } from '../../records/check.ts'
import type { Rec } from '../../records/record.ts'
import { toBase58 } from '../../sources/decode/base58.ts'
import { realDisk } from '../../store/machine-disk.ts'
import { splitTx } from '../signed-bytes.ts'
import type { SignedSwap } from '../venue.ts'

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

const BLOCK = 1 << 20
const NEWLINE = 10

/** A line of a file with the offset behind its newline. */
export interface RawLine {
  text: string
  bytes: Buffer
  to: number
}

/** Whole lines; what follows the last newline is not a line. */
export function* linesOf(fd: number, disk = realDisk): Generator<RawLine> {
  const block = Buffer.allocUnsafe(BLOCK)
  let rest = Buffer.alloc(0)
  let offset = 0
  for (let at = 0; ; ) {
    const got = disk.read(fd, block, at)
    if (got === 0) return
    at += got
    rest = Buffer.concat([rest, block.subarray(0, got)])
    let from = 0
    for (let to = rest.indexOf(NEWLINE); to >= 0; to = rest.indexOf(NEWLINE, from)) {
      const bytes = rest.subarray(from, to)
      yield { text: bytes.toString(), bytes, to: offset + to + 1 }
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
  new DataError(
    `${path} is not a ledger of sluice, or was edited: ${why}; nothing was written (look with ` +
      `“sluice ledger check --ledger ${path}”, then “ledger repair --dry-run”)`,
    { line },
  )

const AMOUNT = /^\d{1,38}$/

/** The head of a ledger; undefined where a first line is none. */
export function headOf(parsed: unknown): LedgerHead | undefined {
  const { ledger, v, mode, cashLamports, wallet } = (parsed ?? {}) as Partial<LedgerHead>
  const isWhole =
    typeof mode === 'string' && typeof cashLamports === 'string' && AMOUNT.test(cashLamports)
  if (ledger !== 'sluice' || v !== 1 || !isWhole) return undefined
  return { ledger, v, mode, cashLamports, ...(wallet !== undefined && { wallet }) }
}

/** Parts that a ledger holds, by the kind of line. */
const KINDS = ['order', 'fill', 'position', 'equity', 'chain'] as const

/** Why a line is no record of a ledger; undefined for one that is. */
export function reasonAgainst(parsed: unknown): string | undefined {
  const rec = parsed as Rec
  const kind = KINDS.find(name => name === rec?.kind)
  if (kind === undefined || rec.source !== 'execute' || !fits('envelope', rec))
    return 'expected a line of kind order, fill, position, equity or chain by execute'
  if (fits(kind, rec[kind])) return signedOf(parsed) === null ? WRONG_BYTES : undefined
  try {
    explain(kind, rec[kind])
  } catch (error) {
    return messageOf(error)
  }
}

const WRONG_BYTES = 'signed bytes that do not belong to their signature'

/**
 * Signed bytes of a line; undefined where there are none, null where they are not those of its
 * signature: other bytes than those that were sent must never leave.
 */
export function signedOf(parsed: unknown): SignedSwap | undefined | null {
  const { signed, order } = parsed as {
    signed?: Partial<SignedSwap>
    order?: { signature?: string }
  }
  if (signed === undefined) return undefined
  const { signature, tx, lastValid, requestId } = signed ?? {}
  const isWhole =
    typeof tx === 'string' && typeof lastValid === 'number' && Number.isSafeInteger(lastValid)
  const bytes = Buffer.from(isWhole ? tx : '', 'base64')
  const first = splitTx(bytes)?.signatures[0]
  const isSame =
    first !== undefined && signature === order?.signature && toBase58(first) === signature
  if (!isWhole || !isSame || (requestId !== undefined && typeof requestId !== 'string')) return null
  return { signature, tx, lastValid, ...(requestId !== undefined && { requestId }) }
}
