import type { Cursor } from '../live/state.ts'
import type { FillPoint } from './fill-gap.ts'

/** What has been told of a transaction. */
export interface Told {
  /** Places of the events that became lines. */
  indexes: Set<string>
  /** A pool that it happened in has not been read yet. */
  isHeld?: boolean
  /** All that will ever be told of it has been. */
  isWhole: boolean
  /** Its log has been read. */
  isRead: boolean
  /** The pools that it made have been looked for. */
  isSearched: boolean
  /** The whole transaction is being fetched; who else wants it waits for the same. */
  fetching?: Promise<void> | undefined
}

/** Transactions by signature: several notices may bring one, and each event is told once. */
export interface Taken {
  /** The note of a transaction, new or known. */
  of(signature: string): Told
  get(signature: string): Told | undefined
}

/** Remembers what was told of the last `max` transactions. */
export function makeTaken(max: number): Taken {
  const all = new Map<string, Told>()
  return {
    of(signature) {
      const known = all.get(signature)
      if (known !== undefined) return known
      const told: Told = { indexes: new Set(), isWhole: false, isRead: false, isSearched: false }
      all.set(signature, told)
      if (all.size > max) all.delete(all.keys().next().value!)
      return told
    },
    get: signature => all.get(signature),
  }
}

/** Remembers the last `max` names; true when one is new. */
export function makeRecent(max: number): { add(name: string): boolean } {
  const seen = new Set<string>()
  return {
    add(name) {
      if (seen.has(name)) return false
      seen.add(name)
      if (seen.size > max) seen.delete(seen.values().next().value!)
      return true
    },
  }
}

/** Overlap of a backfill: transactions of one slot do not arrive in their order. */
export const OVERLAP = 32

/** A notice that waits for its pool to be read. */
interface Held {
  signature: string
  slot: number
  logs: readonly unknown[]
  heardAt: number
}

/** A transaction in the history of an address. */
interface Place {
  signature: string
  slot: number | undefined
}

/** An address that is listened to. */
export interface Tracked {
  address: string
  /** The last transactions as they came, with their slots where those are known. */
  last: Place[]
  lastAt: number
  /** Where its history begins for us. */
  start: Cursor | undefined
  /** The newest slot when it was first followed: what is in older ones was before. */
  fromSlot: number | undefined
  dex: string | undefined
  /** Of a pool of Raydium’s AMM v4, its reserves after the last trade that was told. */
  after?: { base: bigint; quote: bigint } | undefined
  /** Its pool has not been read: notices are kept until it is. */
  isUnread?: boolean
  /** It is of a program that is not read. */
  isStrange?: boolean
  held: Held[]
  /** Until when that was told as a gap, or when it was first known; ms UTC. */
  blindAt?: number | undefined
  /** From where it is to be filled up once its pool is read. */
  openPoint?: FillPoint | undefined
  /** Notices that there was no room for. */
  overflow: number
  /** When its logs were subscribed to, and when the last notice came; undefined before that. */
  openAt?: number | undefined
  heardAt?: number | undefined
  /** Mean time from notice to notice, ms, and when silence was last looked into. */
  everyMs?: number | undefined
  checkedAt: number
  /** Transactions that were fetched for it, and those that were not to be had. */
  fetched: number
  gone: Set<string>
  /** A gap that is being filled: everything before it has been seen. */
  hold?: Cursor | undefined
  /** Since when that gap has been open, ms UTC. */
  holdAt?: number | undefined
  /** The fetch that runs, and the one that waits for it. */
  filling?: Promise<void> | undefined
  waiting?: Promise<void> | undefined
}

/** How far an address is known. */
export function cursorOf(tracked: Tracked): Cursor | undefined {
  const { last, lastAt, hold, start } = tracked
  // Of a pool that has not been read nothing has been told.
  if (isBlind(tracked)) return start
  return hold ?? (last[0] === undefined ? undefined : cursorAt(last[0], lastAt))
}

/** True of a pool that is going to be told, and that the node has not shown yet. */
export const isBlind = ({ isUnread, isStrange }: Tracked): boolean =>
  isUnread === true && isStrange !== true

/** A place in the history of an address, known at `at` (ms UTC). */
const cursorAt = ({ signature, slot }: Place, at: number): Cursor => ({
  signature,
  at,
  ...(slot === undefined ? {} : { slot }),
})

/** Where a history begins: behind a signature, or with a slot; undefined where neither is known. */
export const startAt = (
  signature: string | undefined,
  slot: number | undefined,
  at: number,
): Cursor | undefined =>
  signature === undefined && slot === undefined
    ? undefined
    : cursorAt({ signature: signature ?? '', slot }, at)

const placeOf = ({ signature, slot }: Cursor): Place => ({ signature, slot })

/** Listens to an address from now on, or from where an earlier run came to. */
export const track = (
  address: string,
  dex: string | undefined,
  now: number,
  since?: Cursor,
  fromSlot?: number,
): Tracked => ({
  address,
  dex,
  lastAt: since?.at ?? now,
  last: since === undefined || since.signature === '' ? [] : [placeOf(since)],
  start: since ?? startAt(undefined, fromSlot, now),
  // Who goes on from a transaction needs no other beginning.
  fromSlot: since === undefined ? fromSlot : since.signature === '' ? since.slot : undefined,
  held: [],
  overflow: 0,
  checkedAt: now,
  fetched: 0,
  gone: new Set(),
})

/** Weight of the newest pause between two notices in their mean. */
const NEWEST = 0.1

/** Notes that a notice came at `now` (ms UTC), and how long the last one had been ago. */
export function heard(tracked: Tracked, now: number): void {
  const { heardAt, everyMs } = tracked
  if (heardAt !== undefined) {
    const pause = Math.max(1, now - heardAt)
    tracked.everyMs = everyMs === undefined ? pause : everyMs + (pause - everyMs) * NEWEST
  }
  tracked.heardAt = now
}

/** Notes that everything up to this transaction, seen at `now` (ms UTC), has been taken. */
export function remember(
  tracked: Tracked,
  { signature, slot }: { signature: string; slot: number },
  now: number,
): void {
  tracked.last.push({ signature, slot })
  if (tracked.last.length > OVERLAP) tracked.last.shift()
  tracked.lastAt = now
}
