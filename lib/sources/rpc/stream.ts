import type { Rng } from '../../base/rng.ts'
import { gapLine } from '../live/finding-lines.ts'
import type { Stream } from '../live/live-source.ts'
import type { Loop } from '../live/loops.ts'
import type { Cursor } from '../live/state.ts'
import { keepSocket } from '../net/socket.ts'
import type { Rpc } from './client.ts'
import { MARKET_MS, SOURCE } from './event-lines.ts'
import { type Handler, makeHandler } from './handler.ts'
import { keepHolders } from './holders.ts'
import { makePatience } from './patience.ts'
import { makePools, type Pools } from './pool-accounts.ts'
import { makeReserves, type Reserves } from './pool-reserves.ts'
import { POOL_FILTERS } from './program-filters.ts'
import { cursorOf, type Tracked, track } from './recent.ts'
import { isSelector, SELECTORS } from './selectors.ts'
import { keepHearing } from './silence.ts'
import { makeSubscriptions, type Subscriptions } from './subscriptions.ts'

export interface RpcStreamOptions {
  rpc: Rpc
  wsUrl: string
  secrets: readonly string[]
  /** Listens for new tokens as well. */
  isFinder: boolean
  /** Programs all of whose pools are listened to. */
  programs: readonly (keyof typeof POOL_FILTERS)[]
  rng: Rng
  count(what: string, by?: number): void
  warn(text: string): void
  maxPools?: number
}

/** Slots come every 0.4 s: a socket without one for so long is dead. */
const STALE_MS = 4000
const LOOK_MS = 1000
const RESERVES_MS = 50
/** Longest pause before a pool that cannot be read is tried again. */
const READ_CAP_MS = 300_000
/** What was missed in so long is fetched after a start. */
const RESUME_MS = 600_000
/**
 * Pools whose logs, account and vaults are subscribed to: four subscriptions each, and nodes allow
 * about a thousand.
 */
const MAX_POOLS = 200
/** Pools without room that are counted. */
const MOST_FULL = 100_000

/** What the loops of one stream share. */
export interface Shared {
  options: RpcStreamOptions
  loop: Loop
  subscriptions: Subscriptions
  pools: Pools
  reserves: Reserves
  handler: Handler
  tracked: Map<string, Tracked>
  /** Pools that could not be read: each is tried again after pauses of its own. */
  patience: ReturnType<typeof makePatience>
  /** Pools that there was no room for. */
  full: Set<string>
}

/**
 * A node’s socket: creations, trades and reserves of followed pools; what was missed while it was
 * closed is fetched.
 */
export const rpcStream =
  (options: RpcStreamOptions): Stream =>
  async loop => {
    const pools = makePools(options.rpc, loop, options.count, found => {
      void loop.put(loop.desk.take([found], SOURCE, MARKET_MS, false))
    })
    const tracked = new Map<string, Tracked>()
    const reserves = makeReserves(pools, loop.time.now)
    const { rpc, isFinder, count } = options
    const handler = makeHandler({ rpc, isFinder, count }, loop, pools, reserves, tracked)
    loop.atEnd?.push(handler.atEnd)
    const shared = {
      options,
      loop,
      subscriptions: makeSubscriptions(options.rng),
      patience: makePatience(options.rng, READ_CAP_MS),
      pools,
      reserves,
      handler,
      tracked,
      full: new Set<string>(),
    }
    if (options.isFinder) {
      for (const [address, dex] of SELECTORS) listen(shared, address, dex)
      for (const program of options.programs)
        for (const filter of POOL_FILTERS[program])
          shared.subscriptions.want({ kind: 'program', filter })
    }
    const holders = keepHolders(options.rpc, pools, loop, options.warn)
    await Promise.all([
      keepNode(shared),
      keepPools(shared),
      keepReserves(shared),
      keepMarkets(shared),
      keepHearing(shared),
      holders,
    ])
  }

/**
 * Logs of an address, from where an earlier run stopped; what is too long ago to be fetched is told
 * as a gap.
 */
function listen(
  { tracked, subscriptions, loop }: Shared,
  address: string,
  dex: string | undefined,
  born?: Cursor,
  followed: { at: number; slot?: number | undefined } = { at: loop.time.now() },
) {
  const now = loop.time.now()
  const since = born ?? loop.cursors.get(address)
  const isOld = born === undefined && since !== undefined && now - since.at > RESUME_MS
  if (isOld)
    void loop.put([
      gapLine({
        source: SOURCE,
        fromAt: since.at,
        untilAt: now,
        reason: `logs of ${address}: stopped for too long`,
        seenAt: now,
        about: address,
      }),
    ])
  const entry = track(address, dex, followed.at, isOld ? undefined : since, followed.slot)
  tracked.set(address, entry)
  subscriptions.want({ kind: 'logs', address })
  return entry
}

/** Keeps the socket; what was missed is fetched as each subscription is answered. */
function keepNode({ options, loop, subscriptions, handler }: Shared): Promise<void> {
  const { wsUrl: url, secrets, rng, count, warn } = options
  return keepSocket(
    {
      url,
      secrets,
      time: loop.time,
      rng,
      staleMs: STALE_MS,
      pongsCount: false,
      onOpen(send) {
        subscriptions.open(send)
      },
      onMessage: data => handler.message(data, subscriptions),
      onClose(reason) {
        subscriptions.close()
        handler.closed()
        count('rpc reconnects')
        warn(`rpc: ${reason}`)
      },
    },
    loop.signal,
  )
}

/** Listens to the pool of every followed token, and no longer to those of tokens given up. */
async function keepPools(shared: Shared): Promise<void> {
  const { options, loop, tracked, handler } = shared
  const { signal, time, watch } = loop
  let looked = { at: time.now(), slot: handler.slot() }
  while (!signal.aborted) {
    const wanted = new Set<string>()
    for (const token of watch.all()) {
      const { mint, pool } = token
      if (pool === undefined) continue
      if (wanted.size >= (options.maxPools ?? MAX_POOLS) && !wanted.has(pool)) {
        tellFull(shared, pool)
        continue
      }
      wanted.add(pool)
      // It has been followed since the last look at the latest: from there on all is told.
      const entry =
        tracked.get(pool) ?? listen(shared, pool, undefined, handler.bornIn(pool), looked)
      if (entry.isUnread === undefined) entry.isUnread = true
      if (entry.isUnread) await readPool(shared, entry, mint)
    }
    for (const address of tracked.keys())
      if (!wanted.has(address) && !isSelector(address)) unlisten(shared, address)
    keepCursors(shared)
    looked = { at: time.now(), slot: handler.slot() }
    await time.sleep(LOOK_MS, signal)
  }
}

/** Says of a pool that there is no room to listen to it: its trades are not told. */
function tellFull({ options, full }: Shared, pool: string): void {
  if (full.has(pool) || full.size >= MOST_FULL) return
  if (full.size === 0)
    options.warn(
      `rpc: ${options.maxPools ?? MAX_POOLS} pools are listened to; trades of more are not told`,
    )
  full.add(pool)
  options.count('pools without room')
}

/** Reads a pool that is listened to already; one that cannot be read is tried again later. */
async function readPool(shared: Shared, entry: Tracked, mint: string): Promise<void> {
  const { pools, patience, loop, reserves, subscriptions, handler } = shared
  const { address } = entry
  if (!patience.isDue(address, loop.time.now())) return
  const facts = await pools.load(address, mint)
  if (facts === undefined) {
    patience.failed(address, loop.time.now())
    // What no program of ours has made has no trades that we could read.
    if (pools.isStrange(address)) await giveUp(shared, entry, mint)
    else await handler.stayBlind(entry)
    return
  }
  entry.dex = facts.dex
  for (const wanted of reserves.follow(facts))
    subscriptions.want({ kind: 'account', address: wanted })
  patience.succeeded(address)
  await handler.release(entry)
}

/** Says of a pool of a program that is not read that no trade of it will be told. */
async function giveUp({ options, handler }: Shared, entry: Tracked, mint: string): Promise<void> {
  if (entry.isStrange === true) return
  entry.isStrange = true
  options.count('tokens whose trades are not read')
  options.warn(
    `rpc: ${mint}: trades are not told: pool ${entry.address} is of a program that is not read`,
  )
  await handler.giveUp(entry)
}

/** Notes how far each address is known, and forgets those that nobody listened to in time. */
function keepCursors({ tracked, loop: { cursors, time } }: Shared): void {
  for (const [address, entry] of tracked) {
    const cursor = cursorOf(entry)
    if (cursor !== undefined) cursors.set(address, cursor)
  }
  for (const [address, { at }] of cursors)
    if (!tracked.has(address) && time.now() - at > RESUME_MS) cursors.delete(address)
}

function unlisten(shared: Shared, pool: string): void {
  const { tracked, subscriptions, reserves, loop, handler, patience } = shared
  const entry = tracked.get(pool)
  patience.succeeded(pool)
  if (entry !== undefined && entry.held.length + entry.overflow > 0) void handler.release(entry)
  tracked.delete(pool)
  loop.cursors.delete(pool)
  subscriptions.drop({ kind: 'logs', address: pool })
  for (const address of reserves.drop(pool)) subscriptions.drop({ kind: 'account', address })
}

/** Tells of reserves as they change; where a message was lost, they are read. */
async function keepReserves({ loop, reserves, pools, options }: Shared): Promise<void> {
  const { time, signal, desk } = loop
  while (!signal.aborted) {
    await time.sleep(RESERVES_MS, signal)
    const { found, torn } = reserves.due(time.now())
    if (torn.length > 0) options.count('reserves read again', torn.length)
    await loop.put(
      desk.take([...found, ...(await fresh(pools, reserves, torn))], SOURCE, MARKET_MS, false),
    )
  }
}

/**
 * Reads all followed pools now and then: a subscription that went quiet is not a market that did.
 */
async function keepMarkets({ loop, pools, reserves, tracked }: Shared): Promise<void> {
  while (!loop.signal.aborted) {
    await loop.time.sleep(MARKET_MS, loop.signal)
    const listed = [...tracked.keys()].filter(address => pools.get(address) !== undefined)
    await loop.put(loop.desk.take(await fresh(pools, reserves, listed), SOURCE, MARKET_MS, false))
  }
}

async function fresh(pools: Pools, reserves: Reserves, listed: readonly string[]) {
  if (listed.length === 0) return []
  return (await pools.markets(listed)).filter(({ pool = '', slot = 0 }) =>
    reserves.isNew(pool, slot),
  )
}
