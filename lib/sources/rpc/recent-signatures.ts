import type { Cursor } from '../live/state.ts'

/** What has been told of a transaction. */
export interface Told {
  /** Places of the events that became lines. */
  indexes: Set<string>
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
const OVERLAP = 32

/** An address that is listened to. */
export interface Tracked {
  address: string
  /** The last signatures, oldest first. */
  last: string[]
  lastAt: number
  dex: string | undefined
  /** Of a pool of Raydium’s AMM v4, its reserves after the last trade that was told. */
  after?: { base: bigint; quote: bigint } | undefined
  /** A gap that is being filled: everything before it has been seen. */
  hold?: Cursor | undefined
  /** The fetch that runs, and the one that waits for it. */
  filling?: Promise<void> | undefined
  waiting?: Promise<void> | undefined
}

/** How far an address is known. */
export function cursorOf({ last, lastAt, hold }: Tracked): Cursor | undefined {
  return hold ?? (last[0] === undefined ? undefined : { signature: last[0], at: lastAt })
}

/** Listens to an address from now on, or from where an earlier run came to. */
export const track = (
  address: string,
  dex: string | undefined,
  now: number,
  since?: Cursor,
): Tracked => ({
  address,
  dex,
  lastAt: since?.at ?? now,
  last: since === undefined ? [] : [since.signature],
})

/** Notes that everything up to this signature, seen at `now` (ms UTC), has been taken. */
export function remember(tracked: Tracked, signature: string, now: number): void {
  tracked.last.push(signature)
  if (tracked.last.length > OVERLAP) tracked.last.shift()
  tracked.lastAt = now
}
