import { DataError, messageOf, TemporaryError } from '../../base/errors.ts'
import type { Time } from '../net/budget.ts'
import { PAGE, type Rpc, type SignatureRow } from './client.ts'
import { OVERLAP, type Tracked } from './recent.ts'
import { type ReadTransaction, readTransaction } from './transaction.ts'

/** Transactions that are fetched at the same time; they are taken in their order all the same. */
const AT_ONCE = 8
/** Pages of signatures that are gone back at most: beyond that the gap is told, not filled. */
const MAX_PAGES = 5
const TRIES = 4
const RETRY_MS = 500
/** Times of blocks are whole seconds. */
const SECOND_MS = 1000

/**
 * From where an address is to be filled up. It is fixed when the connection comes back: live
 * messages move it on.
 */
export interface FillPoint {
  tracked: Tracked
  until: string | undefined
  /** What is in older slots was before this point. */
  slot: number | undefined
  fromAt: number
  /** What was heard of since, in later slots: the history must have it too. */
  known: readonly string[]
}

/** The point that an address has reached now. */
export function fillPoint(tracked: Tracked): FillPoint {
  const [first, ...rest] = tracked.last
  const isLater = ({ slot }: { slot: number | undefined }): boolean =>
    slot !== undefined && first?.slot !== undefined && slot > first.slot
  // Notices of neighbouring slots do not keep their order: few of them do not say where it began.
  const isFew = tracked.last.length < OVERLAP && tracked.fromSlot !== undefined
  return {
    tracked,
    until: isFew ? undefined : first?.signature,
    slot: isFew ? tracked.fromSlot : first?.slot,
    fromAt: tracked.lastAt,
    known: rest.filter(isLater).map(({ signature }) => signature),
  }
}

interface Filled {
  /** Transactions that could not be had. */
  lost: number
  /** Why the gap is not filled as a whole. */
  reason: string | undefined
  /** Trying again may help. */
  isTemporary: boolean
}

/** What is done with a transaction of a gap. */
interface Takes {
  /** Not seen so far; asked again when it is there, for it may have come by another way. */
  isNew(signature: string): boolean
  take(row: SignatureRow, read: ReadTransaction): Promise<void>
  /** The node does not have it. */
  lose(row: SignatureRow): void
}

/**
 * Fetches what an address has seen since its last known signature, and has it taken in order,
 * oldest first.
 */
export async function fill(
  rpc: Rpc,
  point: FillPoint,
  time: Time,
  signal: AbortSignal,
  { isNew, take, lose }: Takes,
): Promise<Filled> {
  let lost = 0
  try {
    const { rows, isWhole } = await newerThan(rpc, point, signal)
    const wanted = rows.filter(row => !row.failed && isNew(row.signature))
    for (let from = 0; from < wanted.length; from += AT_ONCE) {
      const some = wanted.slice(from, from + AT_ONCE)
      const found = await Promise.all(
        some.map(({ signature }) => patiently(rpc, signature, time, signal)),
      )
      for (const [i, row] of some.entries()) {
        const read = found[i] === undefined ? undefined : readTransaction(found[i])
        if (read === undefined) {
          lost++
          lose(row)
        } else if (isNew(row.signature)) await take(row, read)
      }
    }
    if (!isWhole) return { lost, reason: 'more than can be fetched', isTemporary: false }
    const told = new Set(rows.map(({ signature }) => signature))
    // A history without what was announced has holes: an empty one says nothing of its own.
    if (!point.known.every(signature => told.has(signature)))
      return { lost, reason: 'a history without what was announced', isTemporary: true }
    const missing = lost > 0 ? 'transactions that the node does not have' : undefined
    return { lost, reason: missing, isTemporary: false }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof TemporaryError) && !(error instanceof DataError)) throw error
    return { lost, reason: messageOf(error), isTemporary: true }
  }
}

/**
 * Rows newer than the point, oldest first: by its signature; by its slot where nothing had been
 * seen until then, or where the node does not know the signature; by time where no slot is known.
 */
async function newerThan(
  rpc: Rpc,
  { tracked: { address }, until, slot, fromAt }: FillPoint,
  signal: AbortSignal,
): Promise<{ rows: SignatureRow[]; isWhole: boolean }> {
  const rows: SignatureRow[] = []
  const isOld = ({ blockTime = Number.POSITIVE_INFINITY, ...row }: SignatureRow): boolean =>
    slot === undefined
      ? until === undefined && blockTime * 1000 < fromAt - SECOND_MS
      : row.slot < slot
  for (let page = 0; page < MAX_PAGES; page++) {
    const before = rows.at(-1)?.signature
    const found = await rpc.signatures(
      address,
      { until, ...(before === undefined ? {} : { before }) },
      signal,
    )
    rows.push(...found.filter(row => !isOld(row)))
    if (found.length < PAGE || found.some(isOld)) return { rows: rows.reverse(), isWhole: true }
  }
  return { rows: rows.reverse(), isWhole: false }
}

/** A transaction just announced may not be readable yet. */
export async function patiently(
  rpc: Rpc,
  signature: string,
  time: Time,
  signal: AbortSignal,
): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    const json = await rpc.transaction(signature, signal)
    if (json !== undefined || tries === TRIES) return json
    await time.sleep(RETRY_MS * tries, signal)
  }
}
