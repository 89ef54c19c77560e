import { DataError, TemporaryError } from '../../base/errors.ts'
import type { Logged } from '../decode/logs.ts'
import { gapLine } from '../live/finding-lines.ts'
import type { Loop } from '../live/loops.ts'
import type { Cursor } from '../live/state.ts'
import type { Time } from '../net/budget.ts'
import type { Rpc } from './client.ts'
import { patiently } from './fill-gap.ts'
import { findingOf, type Seen } from './orient.ts'
import type { Pools } from './pool-accounts.ts'
import type { makeRecent, Tracked } from './recent-signatures.ts'

export const SOURCE = 'rpc'
export const MARKET_MS = 30_000
/**
 * A gap is tried to be filled so often, with growing pauses: about two minutes, beside what each
 * call waits by itself.
 */
export const TRIES = 6
export const RETRY_MS = 5000

/** What everything that turns transactions into lines shares. */
export interface Listening {
  rpc: Rpc
  /** Whether what is created on chain is found here, and not by another source. */
  isFinder: boolean
  count(what: string, by?: number): void
  loop: Loop
  pools: Pools
  tracked: ReadonlyMap<string, Tracked>
  /** Transactions that were taken. */
  seen: ReturnType<typeof makeRecent>
  /** By pool, the transaction that made it. */
  births: Map<string, Cursor>
}

/** Sends on the events of one transaction; `from` is the address whose logs told of it. */
export async function emitEvents(
  on: Listening,
  events: readonly Logged[],
  where: Omit<Seen, 'index'>,
  from: string,
): Promise<void> {
  const { loop, births } = on
  const rays = events.filter(
    ({ event }) => event.kind === 'swap' && event.pool === undefined && event.dex === 'raydium-amm',
  )
  for (const { event, index } of events) {
    if (event.kind === 'create' && event.pool !== undefined)
      births.set(event.pool, { signature: where.signature, at: where.at })
    if (births.size > 1000) births.delete(births.keys().next().value!)
    const address = event.pool ?? (rays.length === 1 ? from : undefined) ?? homeOf(event, loop)
    const pool = address === undefined ? undefined : on.pools.get(address)
    const found = findingOf(address === undefined ? event : { ...event, pool: address }, pool, {
      ...where,
      index,
    })
    if (found === undefined) on.count('events of unknown pools')
    else
      await loop.put(
        loop.merger.take([found], SOURCE, MARKET_MS, on.isFinder && event.kind === 'create'),
      )
  }
}

/** A pump.fun trade names its mint and not its curve: where the token trades. */
const homeOf = (event: Logged['event'], { watch }: Loop): string | undefined =>
  'mint' in event && event.mint !== undefined ? watch.get(event.mint)?.pool : undefined

/** A transaction that was announced; when it cannot be had, a gap says so. */
export async function fetched(
  { rpc, count, loop }: Listening,
  signature: string,
): Promise<unknown> {
  const { time, signal } = loop
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
  const gap = gapLine({
    source: SOURCE,
    fromAt: announcedAt,
    untilAt: time.now(),
    reason: `transaction ${signature} is not to be had`,
    seenAt: time.now(),
    lost: 1,
  })
  await loop.put([gap])
  return undefined
}

/** Event time of a block, ms UTC; now where the node does not say. */
export const atOf = (time: Time, blockTime: number | undefined): number =>
  blockTime === undefined ? time.now() : blockTime * 1000
