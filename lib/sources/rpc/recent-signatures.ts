import type { Cursor } from '../live/state.ts'

/** Signatures of an address that were seen last, to know from where to fill a gap. */
interface Recent {
  /** True when it is new. */
  add(signature: string): boolean
  has(signature: string): boolean
}

/** Remembers the last `max` signatures. */
export function makeRecent(max: number): Recent {
  const seen = new Set<string>()
  return {
    add(signature) {
      if (seen.has(signature)) return false
      seen.add(signature)
      if (seen.size > max) seen.delete(seen.values().next().value!)
      return true
    },
    has: signature => seen.has(signature),
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
