import { DataError, messageOf, TemporaryError } from '../../errors.ts'
import type { Time } from '../net/budget.ts'
import { PAGE, type Rpc, type SignatureRow } from './client.ts'
import type { Tracked } from './recent.ts'
import { type ReadTransaction, readTransaction } from './transaction.ts'

/** Pages of signatures that are gone back at most: beyond that the gap is told, not filled. */
const MAX_PAGES = 5
const TRIES = 4
const RETRY_MS = 500

export interface Filled {
  /** Transactions that could not be had. */
  lost: number
  /** Why the gap is not filled as a whole. */
  reason: string | undefined
}

/**
 * Fetches what an address has seen since its last known signature, oldest first. `isNew` says which ones are wanted, `take`
 * gets each.
 */
export async function fill(
  rpc: Rpc,
  tracked: Tracked,
  time: Time,
  signal: AbortSignal,
  isNew: (signature: string) => boolean,
  take: (row: SignatureRow, read: ReadTransaction) => Promise<void>,
): Promise<Filled> {
  const until = tracked.last[0]
  let lost = 0
  try {
    const { rows, isWhole } = await newerThan(rpc, tracked.address, until, signal)
    for (const row of rows) {
      if (row.failed || !isNew(row.signature)) continue
      const json = await patiently(rpc, row.signature, time, signal)
      const read = json === undefined ? undefined : readTransaction(json, tracked.dex === 'launchlab')
      if (read === undefined) lost++
      else await take(row, read)
    }
    const reason = isWhole
      ? lost > 0
        ? 'transactions that the node does not have'
        : undefined
      : 'more than can be fetched'
    return { lost, reason }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof TemporaryError) && !(error instanceof DataError)) throw error
    return { lost, reason: messageOf(error) }
  }
}

/** Rows newer than a signature, oldest first. */
async function newerThan(
  rpc: Rpc,
  address: string,
  until: string | undefined,
  signal: AbortSignal,
): Promise<{ rows: SignatureRow[]; isWhole: boolean }> {
  const rows: SignatureRow[] = []
  for (let page = 0; page < MAX_PAGES; page++) {
    const before = rows.at(-1)?.signature
    const found = await rpc.signatures(address, { until, ...(before === undefined ? {} : { before }) }, signal)
    rows.push(...found)
    if (found.length < PAGE) return { rows: rows.reverse(), isWhole: true }
  }
  return { rows: rows.reverse(), isWhole: false }
}

/** A transaction just announced may not be readable yet. */
export async function patiently(rpc: Rpc, signature: string, time: Time, signal: AbortSignal): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    const json = await rpc.transaction(signature, signal)
    if (json !== undefined || tries === TRIES) return json
    await time.sleep(RETRY_MS * tries, signal)
  }
}
