import { DataError, messageOf } from '../../errors.ts'
import type { Rng } from '../../rng.ts'
import type { Logged } from '../decode/logs.ts'
import { readLogs } from '../decode/logs.ts'
import { gapLine } from '../live/lines.ts'
import type { Loop } from '../live/loops.ts'
import type { Stream } from '../live/source.ts'
import { keepSocket } from '../net/socket.ts'
import type { Rpc } from './client.ts'
import { createdPools } from './created.ts'
import { type FillPoint, fill, fillPoint, patiently } from './fill.ts'
import { keepHolders } from './holders.ts'
import { findingOf, type Seen } from './orient.ts'
import { makePools, type Pools } from './pools.ts'
import { makeRecent, remember, type Tracked, track } from './recent.ts'
import { makeSubscriptions, type Notice } from './subscriptions.ts'
import { readTransaction } from './transaction.ts'

export interface RpcStreamOptions {
  rpc: Rpc
  wsUrl: string
  secrets: readonly string[]
  /** Listens for new tokens as well. */
  isFinder: boolean
  rng: Rng
  count(what: string, by?: number): void
  warn(text: string): void
  maxSubscriptions?: number
}

/** Accounts that only creations write to: their logs are creations and nothing else (docs of each program). */
const SELECTORS: readonly [address: string, dex: string][] = [
  ['TSLvdd1pWpHVjahSpsvCXUbgwsL3JAcvokwaKt1eokM', 'pump.fun'],
  ['39azUYFWPz3VHgKCf3VChUwbpURdCHRxjWVowf5jUJjg', 'pump.fun'],
  ['7YttLkHDoNj9wyDur5pM1ejNaAvT9X4eqaYcHQqtj2G5', 'raydium-amm'],
  ['DNXgeM9EiiaAbaWvwjHj9fQQLAX5ZsfHyvmYUNRAdNC8', 'raydium-cpmm'],
]
const isSelector = (address: string): boolean => SELECTORS.some(([selector]) => selector === address)
const SOURCE = 'rpc'
/** Slots come every 0.4 s: a socket without one for so long is dead. */
const STALE_MS = 4000
const SEEN = 100_000
const LOOK_MS = 1000
const MARKET_MS = 30_000

type Logs = Extract<Notice, { kind: 'logs' }>

/** A node’s socket: logs of creations and of followed pools; what was missed while it was closed is fetched. */
export const rpcStream =
  (options: RpcStreamOptions): Stream =>
  async loop => {
    const { time, signal } = loop
    const subscriptions = makeSubscriptions()
    const pools = makePools(options.rpc, loop, options.count, found => {
      void loop.put(loop.desk.take([found], SOURCE, MARKET_MS, false))
    })
    const tracked = new Map<string, Tracked>()
    const handler = makeHandler(options, loop, pools, tracked)
    const listen = (address: string, dex: string | undefined, since?: string): Tracked => {
      const entry = track(address, dex, time.now(), since)
      tracked.set(address, entry)
      subscriptions.want(address)
      return entry
    }
    if (options.isFinder) for (const [address, dex] of SELECTORS) listen(address, dex)
    const socket = keepSocket(
      {
        ...{
          url: options.wsUrl,
          secrets: options.secrets,
          time,
          rng: options.rng,
          staleMs: STALE_MS,
          pongsCount: false,
        },
        async onOpen(send) {
          subscriptions.open(send)
          const points = [...tracked.values()].filter(({ last }) => last.length > 0).map(fillPoint)
          await Promise.all(points.map(handler.fillGap))
        },
        onMessage: data => handler.message(data, subscriptions),
        onClose(reason) {
          subscriptions.close()
          options.count('rpc reconnects')
          options.warn(`rpc: ${reason}`)
        },
      },
      signal,
    )
    await Promise.all([socket, keepPools(), keepMarkets(), keepHolders(options.rpc, pools, loop, options.warn)])

    /** Listens to the pool of every followed token, and no longer to those of tokens given up. */
    async function keepPools(): Promise<void> {
      const most = options.maxSubscriptions ?? 200
      while (!signal.aborted) {
        const wanted = new Set<string>()
        for (const { mint, pool } of loop.watch.all()) {
          if (pool === undefined || wanted.size >= most) continue
          wanted.add(pool)
          if (tracked.has(pool)) continue
          const facts = await pools.load(pool, mint)
          const entry = listen(pool, facts?.dex, handler.bornIn(pool))
          if (entry.last.length > 0) await handler.fillGap(fillPoint(entry))
        }
        for (const address of tracked.keys()) {
          if (wanted.has(address) || isSelector(address)) continue
          tracked.delete(address)
          subscriptions.drop(address)
        }
        await time.sleep(LOOK_MS, signal)
      }
    }

    async function keepMarkets(): Promise<void> {
      while (!signal.aborted) {
        await time.sleep(MARKET_MS, signal)
        const listed = [...tracked.keys()].filter(address => pools.get(address) !== undefined)
        for (const found of await pools.markets(listed))
          await loop.put(loop.desk.take([found], SOURCE, MARKET_MS, false))
      }
    }
  }

/** Turns notifications and transactions into lines, each transaction once. */
function makeHandler(options: RpcStreamOptions, loop: Loop, pools: Pools, tracked: ReadonlyMap<string, Tracked>) {
  const { rpc, count, isFinder } = options
  const { time, complain, signal, desk } = loop
  const seen = makeRecent(SEEN)
  const births = new Map<string, string>()

  async function emit(events: readonly Logged[], where: Omit<Seen, 'index'>, from: string): Promise<void> {
    const rays = events.filter(
      ({ event }) => event.kind === 'swap' && event.pool === undefined && event.dex === 'raydium-amm',
    )
    for (const { event, index } of events) {
      if (event.kind === 'create' && event.pool !== undefined) births.set(event.pool, where.signature)
      if (births.size > 1000) births.delete(births.keys().next().value as string)
      const address = event.pool ?? (rays.length === 1 ? from : undefined) ?? homeOf(event)
      const pool = address === undefined ? undefined : pools.get(address)
      const found = findingOf(address === undefined ? event : { ...event, pool: address }, pool, { ...where, index })
      if (found === undefined) count('events of unknown pools')
      else await loop.put(desk.take([found], SOURCE, MARKET_MS, isFinder && event.kind === 'create'))
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
    if (entry !== undefined && isSelector(address) && entry.dex !== 'pump.fun') return newPools(signature)
    const read = readLogs(logs)
    for (const reason of read.refused) complain.rejected(reason)
    if (!read.isTruncated && entry?.dex !== 'launchlab')
      return emit(read.events, { signature, slot, at: time.now() }, address)
    const json = await patiently(rpc, signature, time, signal)
    const whole = json === undefined ? undefined : readTransaction(json, entry?.dex === 'launchlab')
    if (whole === undefined) count('transactions lost')
    else await emit(whole.events, { signature, slot, at: atOf(whole.blockTime) }, address)
  }

  /** Raydium’s logs do not name the pool they make: its instruction does. */
  async function newPools(signature: string): Promise<void> {
    const json = await patiently(rpc, signature, time, signal)
    for (const { pool } of createdPools(json)) {
      const found = await pools.open(pool)
      if (found === undefined) count('events of unknown pools')
      else await loop.put(desk.take([found, ...(await pools.markets([pool]))], SOURCE, MARKET_MS, isFinder))
    }
  }

  const atOf = (blockTime: number | undefined): number => (blockTime === undefined ? time.now() : blockTime * 1000)

  return {
    bornIn: (pool: string) => births.get(pool),
    /** True for a sign of life: a slot. */
    message(data: Buffer, subscriptions: { read(data: Buffer): Notice }): boolean {
      count('rpc messages')
      try {
        const notice = subscriptions.read(data)
        if (notice.kind === 'refused') complain.rejected(`rpc: ${notice.reason}`)
        if (notice.kind === 'logs')
          void live(notice).catch(error => signal.aborted || complain.rejected(messageOf(error)))
        return notice.kind === 'slot'
      } catch (error) {
        if (!(error instanceof DataError)) throw error
        complain.rejected(`rpc: ${messageOf(error)}`)
        return false
      }
    },
    /** Fetches what an address has missed; says so where that is not possible. */
    async fillGap(point: FillPoint): Promise<void> {
      const { tracked: entry, fromAt } = point
      const { lost, reason } = await fill(
        rpc,
        point,
        time,
        signal,
        signature => seen.add(signature),
        async (row, read) => {
          count('transactions backfilled')
          remember(entry, row.signature, time.now())
          const at = atOf(row.blockTime ?? read.blockTime)
          await emit(read.events, { signature: row.signature, slot: row.slot, at }, entry.address)
        },
      )
      if (reason === undefined) return
      count('gaps')
      const text = `logs of ${entry.address}: ${reason}`.slice(0, 200)
      await loop.put([gapLine(SOURCE, fromAt, time.now(), text, time.now(), lost > 0 ? lost : undefined)])
    },
  }
}
