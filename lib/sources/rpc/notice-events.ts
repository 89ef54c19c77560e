import { SELF_CALLING } from '../decode/decode.ts'
import type { Swapped } from '../decode/event.ts'
import { type Logged, type ReadLogs, readLogs } from '../decode/logs.ts'
import { dexOf, PROGRAMS } from '../decode/programs.ts'
import { gapLine } from '../live/finding-lines.ts'
import { atOf, emitEvents, fetched, type Listening, SOURCE, tellGap } from './event-lines.ts'
import type { Told, Tracked } from './recent.ts'
import type { Notice } from './subscriptions.ts'
import { readTransaction } from './transaction.ts'

type Logs = Extract<Notice, { kind: 'logs' }>

const AMM = PROGRAMS['raydium-amm']

/**
 * Programs that are given accounts of their own alone: a pool that is named beside them is of
 * another call. Not those that move SOL or make accounts, which anybody may name.
 */
const PLAIN: ReadonlySet<string> = new Set([
  ...Object.values(PROGRAMS),
  'ComputeBudget111111111111111111111111111111',
  'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA',
  'TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb',
])

/** True when only the whole transaction tells what happened at this address. */
const speaksInside = (entry: Tracked | undefined): boolean =>
  entry?.dex !== undefined && SELF_CALLING.has(entry.dex)

/** True when a log says that something happened there, but not which pool it was. */
const namesNoPool = (entry: Tracked | undefined): boolean => entry?.dex === 'raydium-amm'

/** True when a transaction may hold more for this address than was told of it so far. */
export const holdsMore = (entry: Tracked | undefined, told: Told | undefined): boolean =>
  told === undefined ||
  told.isHeld === true ||
  (!told.isWhole && (entry?.isUnread === true || speaksInside(entry) || namesNoPool(entry)))

/**
 * Tells the events of a transaction that a notice brought. What its log says is told at once; the
 * whole transaction is asked for where the log is cut, where a program tells its events inside, and
 * where it is not certain which pool of Raydium’s AMM v4 a swap was in.
 */
export async function takeEvents(
  on: Listening,
  notice: Logs,
  heardAt = on.loop.time.now(),
): Promise<void> {
  const { address, signature, slot, logs } = notice
  const entry = on.tracked.get(address)
  const told = on.taken.of(signature)
  if (told.isRead && !holdsMore(entry, told)) return
  // Told with what the pool is, or not at all: its order, its mints and its decimals count.
  if (entry?.isUnread === true && !on.pools.isStrange(address))
    return hold(entry, notice, heardAt, told)
  const read = readLogs(logs)
  if (!told.isRead) {
    for (const reason of read.refused) on.loop.complain.rejected(reason)
    tellStrange(on, read)
  }
  told.isRead = true
  const where = { signature, slot, at: heardAt }
  const placed = withPool(entry, read)
  const isPart =
    placed === undefined ||
    read.isTruncated ||
    read.isBroken ||
    // Whatever ran has logged that it did: this is no log.
    read.calls.length === 0 ||
    callsInside(entry, read)
  // What a log says is known, also where it was cut later on. Of a pool that is not known the whole
  // transaction may say more.
  const events = placed ?? read.events
  await emitEvents(on, isPart ? events.filter(each => isOfKnown(on, each)) : events, where, told)
  if (isPart) {
    told.fetching ??= takeWhole(on, notice, told, events)
    return told.fetching
  }
  const isOpen = placed.some(isUnplaced) || read.calls.some(({ program }) => isInside(program))
  if (!isOpen && told.isHeld !== true) told.isWhole = true
  await tellRefused(on, notice, read)
}

/** Counts what a program says that nobody here reads, with a sample of each kind. */
function tellStrange(
  { count, loop }: Pick<Listening, 'count' | 'loop'>,
  { strange }: Pick<ReadLogs, 'strange'>,
): void {
  for (const { dex, what, name, sample } of strange) {
    count(`${what} of ${dex}`)
    const kind = `${dex} ${what} ${name}`
    if (sampled.has(kind) || sampled.size >= MAX_KINDS) continue
    sampled.add(kind)
    loop.complain.dropped(`rpc: ${dex}: ${what} ${name}: ${sample}`)
  }
}

/** Kinds of strange events of which a sample was shown. */
const sampled = new Set<string>()
const MAX_KINDS = 1000

/** Notices of one address that are kept until its pool is read. */
const MOST_HELD = 256

function hold(entry: Tracked, { signature, slot, logs }: Logs, heardAt: number, told: Told): void {
  told.isHeld = true
  entry.held.push({ signature, slot, logs, heardAt })
  if (entry.held.length <= MOST_HELD) return
  entry.held.shift()
  entry.overflow++
}

/** Says that a pool could still not be read, each time that it was tried again. */
export async function stayBlind(on: Listening, entry: Tracked): Promise<void> {
  const { blindAt } = entry
  entry.blindAt = on.loop.time.now()
  if (blindAt !== undefined) await tellBlind(on, entry.address, blindAt, undefined)
}

/** Says what was heard of a pool that nobody here can read. */
export async function giveUp(on: Listening, entry: Tracked): Promise<void> {
  const { address, held, overflow } = entry
  entry.held = []
  entry.overflow = 0
  const lost = held.length + overflow
  if (lost > 0) await tellBlind(on, address, held[0]?.heardAt ?? on.loop.time.now(), lost)
}

async function tellBlind(
  { count, loop }: Listening,
  address: string,
  fromAt: number,
  lost: number | undefined,
): Promise<void> {
  const now = loop.time.now()
  count('gaps')
  const gap = gapLine({
    source: SOURCE,
    fromAt: Math.min(fromAt, now),
    untilAt: now,
    reason: `pool ${address}: the node did not tell what it is`,
    seenAt: now,
    lost,
    about: address,
  })
  await loop.put([gap])
}

/**
 * Tells what was kept for a pool that has been read now, or, given up, what was lost with it. The
 * time in which nothing could be said of it is a gap.
 */
export async function release(on: Listening, entry: Tracked): Promise<void> {
  const { address, held, overflow, blindAt } = entry
  const isRead = on.pools.get(address) !== undefined
  entry.isUnread = false
  entry.blindAt = undefined
  entry.held = []
  entry.overflow = 0
  const lost = overflow + (isRead ? 0 : held.length)
  const fromAt = blindAt ?? (lost > 0 ? held[0]?.heardAt : undefined)
  if (fromAt !== undefined) await tellBlind(on, address, fromAt, lost > 0 ? lost : undefined)
  for (const { signature, slot, logs, heardAt } of held) {
    const told = on.taken.of(signature)
    Object.assign(told, { isHeld: false, isRead: false, isWhole: false, fetching: undefined })
    if (isRead)
      await takeEvents(
        on,
        { kind: 'logs', address, signature, slot, failed: false, logs: [...logs] },
        heardAt,
      )
  }
}

const isOfKnown = ({ pools }: Listening, { event }: Logged): boolean =>
  event.kind !== 'swap' || event.pool === undefined || pools.get(event.pool) !== undefined

const isInside = (program: string): boolean => SELF_CALLING.has(dexOf(program) ?? '')

/** A log that does not call the program of the address says nothing of it: it was only named. */
const callsInside = (entry: Tracked | undefined, { calls }: ReadLogs): boolean =>
  speaksInside(entry) && calls.some(({ program }) => dexOf(program) === entry?.dex)

const isUnplaced = ({ event }: Logged): boolean =>
  event.kind === 'swap' && event.dex === 'raydium-amm' && event.pool === undefined

/**
 * Events of a log with the pool of Raydium’s AMM v4 where the log proves it: one call of that
 * program, that begins with the reserves which the last trade of the followed pool left, or that
 * stands beside nothing else which a pool could have been named for. Undefined where it takes the
 * instruction to know. Told by another address, such a swap waits for the notice of its own.
 */
function withPool(entry: Tracked | undefined, { events, calls }: ReadLogs): Logged[] | undefined {
  const rays = events.filter(isUnplaced)
  if (entry === undefined || !namesNoPool(entry) || rays.length === 0) return [...events]
  const isOnly = calls.filter(({ program }) => program === AMM).length === 1
  const ray = rays[0]?.event
  if (!isOnly || ray?.kind !== 'swap') return undefined
  const isSure =
    entry.after === undefined
      ? calls.every(({ program, depth }) => depth > 1 || PLAIN.has(program))
      : continues(entry.after, ray)
  if (!isSure) return undefined
  const pool = entry.address
  return events.map(each => (isUnplaced(each) ? { ...each, event: { ...each.event, pool } } : each))
}

/** True when a trade began with exactly what was left. */
function continues(after: { base: bigint; quote: bigint }, trade: Swapped): boolean {
  const { side, baseAmount, quoteAmount, baseReserve, quoteReserve } = trade
  if (baseReserve === undefined || quoteReserve === undefined) return false
  const sign = side === 'buy' ? 1n : -1n
  return (
    baseReserve + sign * baseAmount === after.base &&
    quoteReserve - sign * quoteAmount === after.quote
  )
}

/** Tells all of a transaction; of what cannot be had a gap tells, and its log what it can. */
async function takeWhole(
  on: Listening,
  notice: Logs,
  told: Told,
  logged: readonly Logged[],
): Promise<void> {
  const { signature, slot, address } = notice
  const heardAt = on.loop.time.now()
  const json = await fetched(on, signature)
  const whole = json === undefined ? undefined : readTransaction(json)
  told.isWhole = true
  if (whole === undefined) {
    if (json !== undefined) await tellGap(on, signature, heardAt, 'is not told as a whole')
    return emitEvents(on, logged, { signature, slot, at: heardAt }, told)
  }
  for (const { dex, ...strange } of whole.strange)
    if (SELF_CALLING.has(dex)) tellStrange(on, { strange: [{ dex, ...strange }] })
  const at = atOf(on.loop.time, whole.blockTime)
  await emitEvents(on, whole.events, { signature, slot, at }, told)
  await tellRest(on, { signature, address, heardAt, whole })
}

/** What was read of a transaction, and who told of it. */
interface Rest {
  signature: string
  address: string
  heardAt: number
  whole: NonNullable<ReturnType<typeof readTransaction>>
}

/** Says what of a whole transaction nobody can tell: behind a cut, or in a pool not named. */
export async function tellRest(on: Listening, { signature, address, heardAt, whole }: Rest) {
  const { unread, events } = whole
  if (namesNoPool(on.tracked.get(address)) && events.some(isUnplaced)) {
    on.count('unattributed')
    await tellGap(on, signature, heardAt, 'is unattributed: no instruction names its pool')
  } else if (
    unread === undefined ||
    unread.some(({ accounts }) => accounts.some(key => on.tracked.has(key)))
  )
    await tellGap(on, signature, heardAt, cutWords(whole))
  else await tellRefused(on, { signature, address }, whole)
}

const cutWords = ({ isTruncated, isBroken }: ReadLogs): string =>
  isTruncated || isBroken
    ? 'has a log that was cut, and no events behind the cut'
    : 'has inner calls that the node does not tell'

/** An event of the followed pool’s program that cannot be read may have been a trade of it. */
async function tellRefused(
  on: Listening,
  { signature, address }: Pick<Logs, 'signature' | 'address'>,
  { refused }: ReadLogs,
): Promise<void> {
  const dex = on.tracked.get(address)?.dex
  if (dex !== undefined && refused.some(reason => reason.startsWith(`${dex}: `)))
    await tellGap(on, signature, on.loop.time.now(), 'has an event that cannot be read')
}
