import { DataError, messageOf, TemporaryError } from '../../base/errors.ts'
import { decodePool, SELF_CALLING } from '../decode/decode.ts'
import type { Logged } from '../decode/logs.ts'
import { readLogs } from '../decode/logs.ts'
import { gapLine } from '../live/finding-lines.ts'
import type { Loop } from '../live/loops.ts'
import type { Cursor } from '../live/state.ts'
import type { Rpc, SignatureRow } from './client.ts'
import { createdPools } from './created.ts'
import { type FillPoint, fill, patiently } from './fill-gap.ts'
import { findingOf, type Seen } from './orient.ts'
import type { Pools } from './pool-accounts.ts'
import type { Reserves } from './pool-reserves.ts'
import { makeRecent, remember, type Tracked } from './recent-signatures.ts'
import { isSelector } from './selectors.ts'
import type { Notice } from './subscriptions.ts'
import { type ReadTransaction, readTransaction } from './transaction.ts'

/** What a handler needs of the stream it serves. */
interface HandlerOptions {
  rpc: Rpc
  isFinder: boolean
  count(what: string, by?: number): void
}

export const SOURCE = 'rpc'
export const MARKET_MS = 30_000
const SEEN = 100_000
/** A pool that opened longer ago is not a new one. */
const NEW_MS = 600_000
/**
 * A gap is tried to be filled so often, with growing pauses: about two minutes, beside what each
 * call waits by itself.
 */
const TRIES = 6
const RETRY_MS = 5000

type Logs = Extract<Notice, { kind: 'logs' }>
type Changed = Extract<Notice, { kind: 'account' }>

/** True when only the whole transaction tells what happened. */
const speaksInside = (entry: Tracked | undefined): boolean =>
  entry?.dex !== undefined && SELF_CALLING.has(entry.dex)

export type Handler = ReturnType<typeof makeHandler>

/** Turns notifications and transactions into lines, each transaction once. */
export function makeHandler(
  options: HandlerOptions,
  loop: Loop,
  pools: Pools,
  reserves: Reserves,
  tracked: ReadonlyMap<string, Tracked>,
) {
  const { rpc, count, isFinder } = options
  const { time, complain, signal, desk } = loop
  const seen = makeRecent(SEEN)
  const looked = makeRecent(SEEN)
  const startedAt = time.now()
  const births = new Map<string, Cursor>()

  async function emit(
    events: readonly Logged[],
    where: Omit<Seen, 'index'>,
    from: string,
  ): Promise<void> {
    const rays = events.filter(
      ({ event }) =>
        event.kind === 'swap' && event.pool === undefined && event.dex === 'raydium-amm',
    )
    for (const { event, index } of events) {
      if (event.kind === 'create' && event.pool !== undefined)
        births.set(event.pool, { signature: where.signature, at: where.at })
      if (births.size > 1000) births.delete(births.keys().next().value!)
      const address = event.pool ?? (rays.length === 1 ? from : undefined) ?? homeOf(event)
      const pool = address === undefined ? undefined : pools.get(address)
      const found = findingOf(address === undefined ? event : { ...event, pool: address }, pool, {
        ...where,
        index,
      })
      if (found === undefined) count('events of unknown pools')
      else
        await loop.put(desk.take([found], SOURCE, MARKET_MS, isFinder && event.kind === 'create'))
    }
  }

  /** A pump.fun trade names its mint and not its curve: where the token trades. */
  const homeOf = (event: Logged['event']): string | undefined =>
    'mint' in event && event.mint !== undefined ? loop.watch.get(event.mint)?.pool : undefined

  async function live(notice: Logs): Promise<void> {
    const { address, signature, slot, failed, logs } = notice
    const entry = tracked.get(address)
    if (entry !== undefined) remember(entry, signature, time.now())
    if (!seen.add(signature)) return count('transactions seen twice')
    if (failed) return
    if (entry !== undefined && isSelector(address) && entry.dex !== 'pump.fun')
      return newPools(signature)
    const read = readLogs(logs)
    for (const reason of read.refused) complain.rejected(reason)
    if (!read.isTruncated && !speaksInside(entry))
      return emit(read.events, { signature, slot, at: time.now() }, address)
    const whole = readTransaction(await fetched(signature), speaksInside(entry))
    if (whole !== undefined)
      await emit(whole.events, { signature, slot, at: atOf(whole.blockTime) }, address)
  }

  /** A transaction that was announced; when it cannot be had, a gap says so. */
  async function fetched(signature: string): Promise<unknown> {
    const announcedAt = time.now()
    for (let tries = 1; tries <= TRIES; tries++) {
      try {
        const json = await patiently(rpc, signature, time, signal)
        if (json !== undefined) return json
        break
      } catch (error) {
        if (!(error instanceof TemporaryError) && !(error instanceof DataError)) throw error
        await time.sleep(RETRY_MS * tries, signal)
      }
    }
    count('gaps')
    await loop.put([
      gapLine(
        SOURCE,
        announcedAt,
        time.now(),
        `transaction ${signature} is not to be had`,
        time.now(),
        1,
      ),
    ])
    return undefined
  }

  /** Raydium’s logs do not name the pool they make: its instruction does. */
  async function newPools(signature: string): Promise<void> {
    for (const { pool } of createdPools(await fetched(signature))) {
      const found = await pools.open(pool)
      if (found === undefined) count('events of unknown pools')
      else
        await loop.put(
          desk.take([found, ...(await pools.markets([pool]))], SOURCE, MARKET_MS, isFinder),
        )
    }
  }

  /** A pool of a program that all of whose pools are listened to: new unless it opened long ago. */
  async function foundPool({ address, account }: Changed): Promise<void> {
    if (!looked.add(address) || pools.get(address) !== undefined) return
    const { openAt, isComplete } = decodePool(account.owner, account.bytes) ?? {}
    if (isComplete === true || (openAt !== undefined && openAt < startedAt - NEW_MS)) return
    const found = await pools.open(address, account)
    if (found !== undefined) await loop.put(desk.take([found], SOURCE, MARKET_MS, isFinder))
  }

  const atOf = (blockTime: number | undefined): number =>
    blockTime === undefined ? time.now() : blockTime * 1000

  return {
    /** The transaction that made a pool: its trades begin there. */
    bornIn: (pool: string): Cursor | undefined => births.get(pool),
    /** True for a sign of life: a slot. */
    message(data: Buffer, subscriptions: { read(data: Buffer): Notice }): boolean {
      count('rpc messages')
      try {
        const notice = subscriptions.read(data)
        if (notice.kind === 'refused') complain.rejected(`rpc: ${notice.reason}`)
        if (notice.kind === 'account') reserves.take(notice.address, notice.slot, notice.account)
        const work =
          notice.kind === 'logs'
            ? live(notice)
            : notice.kind === 'account' && notice.isPool
              ? foundPool(notice)
              : undefined
        work?.catch(error => signal.aborted || complain.rejected(messageOf(error)))
        return notice.kind === 'slot'
      } catch (error) {
        if (!(error instanceof DataError)) throw error
        complain.rejected(`rpc: ${messageOf(error)}`)
        return false
      }
    },
    /**
     * Fetches what an address has missed; one fetch of an address at a time, another one waits for
     * it.
     */
    async fillGap(point: FillPoint): Promise<void> {
      const { tracked: entry } = point
      // Where the run would go on after a crash: not behind what is still to be fetched.
      entry.hold ??=
        point.until === undefined ? undefined : { signature: point.until, at: point.fromAt }
      if (entry.waiting !== undefined) return entry.waiting
      const before = entry.filling ?? Promise.resolve()
      entry.waiting = before.then(() => {
        entry.filling = entry.waiting
        entry.waiting = undefined
        return fillPatiently(point)
      })
      return entry.waiting
    },
  }

  /** Fetches with patience; says so where that is not possible. */
  async function fillPatiently(point: FillPoint): Promise<void> {
    const { tracked: entry, fromAt } = point
    const isNew = (signature: string): boolean => !seen.has(signature)
    const takes = {
      isNew,
      lose: (signature: string) => void seen.add(signature),
      take: takeOld(entry),
    }
    let lost = 0
    let reason: string | undefined
    for (let tries = 1; ; tries++) {
      const filled = await fill(rpc, point, time, signal, takes)
      lost += filled.lost
      reason = filled.reason
      if (!filled.isTemporary || tries === TRIES || !tracked.has(entry.address)) break
      await time.sleep(RETRY_MS * tries, signal)
    }
    if (entry.waiting === undefined) entry.hold = undefined
    if (reason === undefined && lost === 0) return
    count('gaps')
    const text =
      `logs of ${entry.address}: ${reason ?? 'transactions that the node does not have'}`.slice(
        0,
        200,
      )
    await loop.put([
      gapLine(SOURCE, fromAt, time.now(), text, time.now(), lost > 0 ? lost : undefined),
    ])
  }

  /** Takes a transaction of a gap, unless it has come by itself in the meantime. */
  function takeOld(entry: Tracked) {
    return async (row: SignatureRow, read: ReadTransaction): Promise<void> => {
      seen.add(row.signature)
      count('transactions backfilled')
      remember(entry, row.signature, time.now())
      const at = atOf(row.blockTime ?? read.blockTime)
      await emit(read.events, { signature: row.signature, slot: row.slot, at }, entry.address)
    }
  }
}
