import { DataError, TemporaryError } from '../../base/errors.ts'
import type { ChainEvent } from '../decode/event.ts'
import type { Logged } from '../decode/logs.ts'
import { gapLine } from '../live/finding-lines.ts'
import type { Loop } from '../live/loops.ts'
import type { Cursor } from '../live/state.ts'
import type { Time } from '../net/budget.ts'
import type { Rpc } from './client.ts'
import { patiently } from './fill-gap.ts'
import { findingOf, poolFacts, type Seen } from './orient.ts'
import type { Pools } from './pool-accounts.ts'
import { curveOf } from './read/program-address.ts'
import type { Taken, Told, Tracked } from './recent.ts'

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
  taken: Taken
  /** By pool, the transaction that made it. */
  births: Map<string, Cursor>
  /** Curves of pump.fun by the mint that they were made for. */
  curves: Map<string, string>
  /** Announced transactions that are being fetched, and since when (ms UTC). */
  pending: Map<string, number>
}

/**
 * Sends on the events of one transaction that have not been told. Where each belongs is said by the
 * event, or by the instruction that made it; the address whose notice brought the transaction says
 * nothing of that. One that cannot be placed stays untold, so that a later notice may bring it.
 */
export async function emitEvents(
  on: Listening,
  events: readonly Logged[],
  where: Omit<Seen, 'index'>,
  told: Told,
): Promise<void> {
  const { loop } = on
  for (const { event, index } of events) {
    if (told.indexes.has(index)) continue
    noteBirth(on, event, where)
    if (event.kind === 'open') {
      told.indexes.add(index)
      continue
    }
    const address = event.pool ?? homeOf(event, on)
    const pool = address === undefined ? undefined : on.pools.get(address)
    const placed = address === undefined ? event : { ...event, pool: address }
    const found = findingOf(placed, pool, { ...where, index })
    if (found === undefined) {
      on.count('events of unknown pools')
      continue
    }
    told.indexes.add(index)
    noteReserves(on, placed)
    await loop.put(
      loop.desk.take([found], SOURCE, MARKET_MS, on.isFinder && event.kind === 'create'),
    )
  }
}

const MAX_BIRTHS = 1000

/** Notes which transaction made a pool: whoever follows it later begins there. */
function noteBirth(
  { births, loop, pools, curves }: Listening,
  event: ChainEvent,
  { signature, at, slot }: Omit<Seen, 'index'>,
): void {
  const pool = event.kind === 'migrate' ? event.to : event.pool
  if (event.kind === 'swap' || event.kind === 'complete' || pool === undefined) return
  births.set(pool, { signature, at, slot })
  if (births.size > MAX_BIRTHS) births.delete(births.keys().next().value!)
  if (event.kind === 'create' && event.dex === 'pump.fun' && event.mint !== undefined) {
    curves.set(event.mint, pool)
    if (curves.size > MAX_BIRTHS) curves.delete(curves.keys().next().value!)
  }
  if (event.kind !== 'open' || event.mint === undefined || event.quoteMint === undefined) return
  const { dex, mint: baseMint, quoteMint, baseDecimals, quoteDecimals } = event
  const account = { dex, baseMint, quoteMint }
  const asked = loop.watch.get(quoteMint) === undefined ? undefined : quoteMint
  const facts = poolFacts(pool, account, loop.watch.get(baseMint) === undefined ? asked : undefined)
  if (facts === undefined || loop.watch.get(facts.mint) === undefined) return
  // A token that is followed may be traded there in this very transaction.
  const [first, second] = facts.isFlipped
    ? [quoteDecimals, baseDecimals]
    : [baseDecimals, quoteDecimals]
  // Where the event does not say its decimals, the curve that it comes from does.
  const home = pools.get(loop.watch.get(facts.mint)?.pool ?? '')
  pools.learn({
    ...facts,
    baseDecimals: first ?? (home?.mint === facts.mint ? home.baseDecimals : undefined),
    quoteDecimals: second ?? facts.quoteDecimals,
  })
}

/** Notes what a trade left in a pool whose log lines name no pool: the next one begins with it. */
function noteReserves({ tracked }: Listening, event: ChainEvent): void {
  if (event.kind !== 'swap' || event.dex !== 'raydium-amm' || event.pool === undefined) return
  const entry = tracked.get(event.pool)
  const { baseReserve: base, quoteReserve: quote } = event
  if (entry !== undefined)
    entry.after = base === undefined || quote === undefined ? undefined : { base, quote }
}

/**
 * A pump.fun trade names its mint and not its curve: that is the token’s pool while it trades
 * there, and follows from the mint in any case.
 */
function homeOf(event: ChainEvent, { loop, pools, curves }: Listening): string | undefined {
  if (event.dex !== 'pump.fun' || !('mint' in event) || event.mint === undefined) return undefined
  const token = loop.watch.get(event.mint)
  const home = token?.pool
  if (home !== undefined && pools.get(home)?.dex === 'pump.fun') return home
  const made = curves.get(event.mint)
  if (made !== undefined) return made
  // Of a token that nobody follows no line is made: its curve need not be known.
  return token === undefined ? undefined : curveOf(event.mint)
}

/** A transaction that was announced; when it cannot be had, a gap says so. */
export async function fetched(on: Listening, signature: string): Promise<unknown> {
  const { time, signal } = on.loop
  const announcedAt = time.now()
  on.pending.set(signature, announcedAt)
  for (let tries = 1; tries <= TRIES; tries++) {
    try {
      const json = await patiently(on.rpc, signature, time, signal)
      if (json === undefined) break
      on.pending.delete(signature)
      return json
    } catch (error) {
      if (!(error instanceof TemporaryError) && !(error instanceof DataError)) throw error
      await time.sleep(RETRY_MS * tries, signal)
    }
  }
  on.pending.delete(signature)
  await tellGap(on, signature, announcedAt, 'is not to be had')
  return undefined
}

/** Says that what one transaction did is not, or not wholly, known. */
export async function tellGap(
  { count, loop }: Pick<Listening, 'count' | 'loop'>,
  signature: string,
  fromAt: number,
  what: string,
): Promise<void> {
  count('gaps')
  const at = loop.time.now()
  const gap = gapLine({
    source: SOURCE,
    fromAt: Math.min(fromAt, at),
    untilAt: at,
    reason: `transaction ${signature} ${what}`,
    seenAt: at,
    lost: 1,
    about: signature,
  })
  await loop.put([gap])
}

/** Event time of a block, ms UTC; now where the node does not say. */
export const atOf = (time: Time, blockTime: number | undefined): number =>
  blockTime === undefined ? time.now() : blockTime * 1000
