import { DataError, messageOf } from '../../base/errors.ts'
import type { Line } from '../../stream/line.ts'
import { decodePool } from '../decode/decode.ts'
import { gapLine } from '../live/finding-lines.ts'
import type { Cursor } from '../live/state.ts'
import { type Listening, SOURCE } from './event-lines.ts'
import { type FillPoint, fillPoint } from './fill-gap.ts'
import { fillGap } from './gap-filler.ts'
import { giveUp, release, stayBlind, takeEvents } from './notice-events.ts'
import { openGaps } from './open-gaps.ts'
import { isMaker, newPools, openPool } from './opened-pools.ts'
import type { Reserves } from './pool-reserves.ts'
import { heard, makeRecent, makeTaken, remember, type Tracked } from './recent.ts'
import type { Notice, Want } from './subscriptions.ts'

const SEEN = 100_000
/** A pool that opened longer ago is not a new one. */
const NEW_MS = 600_000

type Logs = Extract<Notice, { kind: 'logs' }>
type Changed = Extract<Notice, { kind: 'account' }>

/** What a handler keeps beside what it shares. */
interface State extends Listening {
  /** Accounts of pools that were looked at. */
  looked: ReturnType<typeof makeRecent>
  startedAt: number
  /** When the last slot was told, ms UTC. */
  aliveAt: number
  /** The newest slot that was told. */
  slot: number | undefined
  /** Programs by the name of their filter, and since when nothing is heard of them, ms UTC. */
  programs: Map<string, number | undefined>
}

export type Handler = ReturnType<typeof makeHandler>

const startState = (given: Omit<Listening, 'taken' | 'births' | 'curves' | 'pending'>): State => ({
  ...given,
  taken: makeTaken(SEEN),
  births: new Map(),
  curves: new Map(),
  pending: new Map(),
  looked: makeRecent(SEEN),
  startedAt: given.loop.time.now(),
  aliveAt: 0,
  slot: undefined,
  programs: new Map(),
})

/** What a handler asks and to whom it counts. */
type Means = Pick<Listening, 'rpc' | 'isFinder' | 'count'>

/** Turns notifications and transactions into lines, each transaction once. */
export function makeHandler(
  { rpc, isFinder, count }: Means,
  loop: Listening['loop'],
  pools: Listening['pools'],
  reserves: Reserves,
  tracked: Listening['tracked'],
) {
  const on = startState({ rpc, isFinder, count, loop, pools, tracked })
  return {
    /** The transaction that made a pool: its trades begin there. */
    bornIn: (pool: string): Cursor | undefined => on.births.get(pool),
    /** True for a sign of life: a slot. */
    message: (data: Buffer, subscriptions: Reads) => takeMessage(on, reserves, data, subscriptions),
    /** The node does not tell of something for now. */
    refused: (want: Want): void => refused(on, want),
    /** The socket is closed: nothing is heard any more. */
    closed(): void {
      for (const entry of tracked.values()) entry.openAt = undefined
      for (const [name, blindAt] of on.programs) on.programs.set(name, blindAt ?? loop.time.now())
    },
    /** When the node last told a slot, ms UTC; 0 = never. */
    aliveAt: (): number => on.aliveAt,
    /** The newest slot that the node has told; undefined before the first. */
    slot: (): number | undefined => on.slot,
    /** A pool could still not be read. */
    stayBlind: (entry: Tracked): Promise<void> => stayBlind(on, entry),
    /** A pool turned out to be of a program that is not read. */
    giveUp: (entry: Tracked): Promise<void> => giveUp(on, entry),
    /** Tells what was kept for a pool until it was read, and fetches what it had missed by then. */
    async release(entry: Tracked): Promise<void> {
      const { openPoint } = entry
      entry.openPoint = undefined
      await release(on, entry)
      if (openPoint !== undefined && on.tracked.has(entry.address)) catchUp(on, openPoint)
    },
    /** Gaps that are open when the run ends. */
    atEnd: (): Line[] => openGaps(on),
    /** Fetches what an address has missed. */
    fillGap: (point: FillPoint): Promise<void> => fillGap(on, point),
  }
}

/** Reads what a message means. */
interface Reads {
  read(data: Buffer): Notice
}

/** Works off a message of the node; true for a sign of life: a slot. */
function takeMessage(on: State, reserves: Reserves, data: Buffer, { read }: Reads): boolean {
  const { loop, count } = on
  const { complain, signal } = loop
  count('rpc messages')
  count('rpc bytes', data.length)
  try {
    const notice = read(data)
    if (notice.kind === 'refused') complain.rejected(`rpc: ${notice.reason}`)
    if (notice.kind === 'refused' && notice.want !== undefined) refused(on, notice.want)
    if (notice.kind === 'account') reserves.take(notice.address, notice.slot, notice.account)
    if (notice.kind === 'subscribed') opened(on, notice.want)
    takeWork(on, notice)?.catch(error => signal.aborted || complain.rejected(messageOf(error)))
    if (notice.kind !== 'slot') return false
    on.aliveAt = loop.time.now()
    on.slot = notice.slot ?? on.slot
    return true
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    complain.rejected(`rpc: ${messageOf(error)}`)
    return false
  }
}

/** What a notice asks for that takes its time. */
function takeWork(on: State, notice: Notice): Promise<void> | undefined {
  if (notice.kind === 'logs') return takeLogs(on, notice)
  return notice.kind === 'account' && notice.isPool ? foundPool(on, notice) : undefined
}

/** Logs of an address come from now on: what it has missed until then is fetched. */
function opened(on: State, want: Want): void {
  if (want.kind === 'program') hearProgram(on, want.filter.name, undefined)
  const entry = want.kind === 'logs' ? on.tracked.get(want.address) : undefined
  if (entry === undefined) return
  entry.openAt = on.loop.time.now()
  // Trades of a pool that is not known could not be told.
  if (entry.isUnread === true) entry.openPoint ??= fillPoint(entry)
  else catchUp(on, fillPoint(entry))
}

/**
 * Logs that the node does not announce are fetched as often as they are asked for. Pools that a
 * program opens cannot be: the time is a gap.
 */
function refused(on: State, want: Want): void {
  if (want.kind === 'program') hearProgram(on, want.filter.name, on.loop.time.now())
  const entry = want.kind === 'logs' ? on.tracked.get(want.address) : undefined
  if (entry !== undefined && entry.isUnread !== true) catchUp(on, fillPoint(entry))
}

/** Notes since when nothing is heard of a program, and says which time that was until now. */
function hearProgram(on: State, name: string, blindAt: number | undefined): void {
  const { programs, loop, count } = on
  const first = blindAt === undefined || programs.has(name) ? blindAt : on.startedAt
  const fromAt = programs.get(name) ?? first
  programs.set(name, blindAt)
  if (fromAt === undefined) return
  const now = loop.time.now()
  count('gaps')
  const reason = `program ${name}: pools that opened were not told`
  const gap = { source: SOURCE, fromAt, untilAt: now, reason, seenAt: now, about: name }
  void loop.put([gapLine(gap)])
}

/** Fetches what an address has missed, beside what goes on. */
function catchUp(on: State, point: FillPoint): void {
  fillGap(on, point).catch(
    error => on.loop.signal.aborted || on.loop.complain.rejected(messageOf(error)),
  )
}

async function takeLogs(on: State, notice: Logs): Promise<void> {
  const { address, signature, failed } = notice
  const entry = on.tracked.get(address)
  if (entry !== undefined) {
    remember(entry, notice, on.loop.time.now())
    heard(entry, on.loop.time.now())
  }
  const told = on.taken.of(signature)
  if (told.isRead || told.isSearched) on.count('transactions seen twice')
  if (failed) told.isWhole = true
  if (entry === undefined || !isMaker(entry))
    return told.isWhole ? undefined : takeEvents(on, notice)
  // Pools are opened in it also where all of its trades have been told.
  if (failed || told.isSearched) return
  told.isSearched = true
  return newPools(on, signature)
}

/** A pool of a program that all of whose pools are listened to: new unless it opened long ago. */
async function foundPool(on: State, { address, account }: Changed): Promise<void> {
  if (!on.looked.add(address) || on.pools.get(address) !== undefined) return
  const read = decodePool(account.owner, account.bytes)
  if (read === undefined) return
  const { openAt, isComplete } = read
  if (isComplete === true || (openAt !== undefined && openAt < on.startedAt - NEW_MS)) return
  await openPool(on, address, account)
}
