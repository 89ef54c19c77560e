import { gapLine } from '../live/finding-lines.ts'
import type { SignatureRow } from './client.ts'
import { atOf, emitEvents, type Listening, RETRY_MS, SOURCE, TRIES } from './event-lines.ts'
import { type FillPoint, fill } from './fill-gap.ts'
import { holdsMore, tellRest } from './notice-events.ts'
import { isMaker, openBeside } from './opened-pools.ts'
import { remember, startAt, type Tracked } from './recent.ts'
import type { ReadTransaction } from './transaction.ts'

/**
 * Fetches what an address has missed; one fetch of an address at a time, another one waits for it.
 */
export async function fillGap(on: Listening, point: FillPoint): Promise<void> {
  const { tracked: entry } = point
  // Where the run would go on after a crash: not behind what is still to be fetched.
  entry.hold ??= startAt(point.until, point.slot, point.fromAt)
  entry.holdAt ??= point.fromAt
  if (entry.waiting !== undefined) return entry.waiting
  const before = entry.filling ?? Promise.resolve()
  entry.waiting = before.then(() => {
    entry.filling = entry.waiting
    entry.waiting = undefined
    return fillPatiently(on, point)
  })
  return entry.waiting
}

/** Fetches with patience; says so where that is not possible. */
async function fillPatiently(on: Listening, point: FillPoint): Promise<void> {
  const { time, signal } = on.loop
  const { tracked: entry, fromAt } = point
  let since = fromAt
  const takes = {
    isNew: (signature: string): boolean =>
      !entry.gone.has(signature) && isOpen(on, entry, signature),
    lose({ signature, blockTime }: SignatureRow) {
      lose(entry, signature)
      // It may be older than the last notice: times of blocks are whole seconds.
      if (blockTime !== undefined) since = Math.min(since, (blockTime - 1) * 1000)
    },
    take: (row: SignatureRow, read: ReadTransaction) => takeOld(on, entry, row, read),
  }
  let lost = 0
  let reason: string | undefined
  for (let tries = 1; ; tries++) {
    const filled = await fill(on.rpc, point, time, signal, takes)
    lost += filled.lost
    reason = filled.reason
    if (!filled.isTemporary || tries === TRIES || !on.tracked.has(entry.address)) break
    await time.sleep(RETRY_MS * tries, signal)
  }
  if (entry.waiting === undefined) Object.assign(entry, { hold: undefined, holdAt: undefined })
  if (reason === undefined && lost === 0) return
  on.count('gaps')
  const text = `logs of ${entry.address}: ${reason ?? 'transactions that the node does not have'}`
  const gap = gapLine({
    source: SOURCE,
    fromAt: since,
    untilAt: time.now(),
    reason: text,
    seenAt: time.now(),
    about: entry.address,
    lost: lost > 0 ? lost : undefined,
  })
  await on.loop.put([gap])
}

/**
 * True when a transaction may hold more than was told of it. One that the address has announced was
 * told then, also where so many others have followed that it is forgotten.
 */
function isOpen(on: Listening, entry: Tracked, signature: string): boolean {
  const told = on.taken.get(signature)
  if (told === undefined && entry.last.some(each => each.signature === signature)) return false
  return isMaker(entry) && told?.isSearched === false ? true : holdsMore(entry, told)
}

/** Pools of a program that a transaction has made. */
const openedIn = ({ events }: ReadTransaction, dex: string | undefined): string[] =>
  events.flatMap(({ event }) =>
    event.kind === 'open' && event.dex === dex && event.pool !== undefined ? [event.pool] : [],
  )

/** Transactions of an address that are remembered as lost. */
const MOST_GONE = 5000

/**
 * Notes that an address has lost a transaction, so that it is told once. Only of this one: for
 * another it is another loss, or its own notice tells it.
 */
function lose({ gone }: Tracked, signature: string): void {
  gone.add(signature)
  if (gone.size > MOST_GONE) gone.delete(gone.values().next().value!)
}

/** Takes a transaction of a gap, unless it has come by itself in the meantime. */
async function takeOld(
  on: Listening,
  entry: Tracked,
  row: SignatureRow,
  read: ReadTransaction,
): Promise<void> {
  const { time } = on.loop
  const told = on.taken.of(row.signature)
  if (isMaker(entry) && !told.isSearched) {
    told.isSearched = true
    openBeside(on, openedIn(read, entry.dex))
  }
  told.isRead = true
  told.isWhole = true
  on.count('transactions backfilled')
  entry.fetched++
  remember(entry, row, time.now())
  const at = atOf(time, row.blockTime ?? read.blockTime)
  const { signature, slot } = row
  await emitEvents(on, read.events, { signature, slot, at }, told)
  await tellRest(on, { signature, address: entry.address, heardAt: at, whole: read })
}
