import type { StateTape } from './state-tape.ts'

/** The last value of each stretch of time, for "what was it an hour ago" in constant memory. */
export interface History {
  put(ts: number, x: number): void
  /**
   * Last value seen before the stretch that holds `ts`: never later than `ts`, at most one stretch
   * older. Absent when not seen that long.
   */
  at(ts: number): number | undefined
  /** End of the stretch of the newest value, in ms; absent before the first. */
  until(): number | undefined
  clear(): void
  visit(tape: StateTape): void
}

/**
 * `slots` stretches of `ms` each; allocated with the first value. A value older than the newest is
 * left out.
 */
export function makeHistory(ms: number, slots: number): History {
  let ring: Float64Array | undefined
  let first = 0
  let newest = 0

  const start = (bucket: number, x: number): void => {
    ring ??= new Float64Array(slots)
    ring[bucket % slots] = x
    first = bucket
    newest = bucket
  }
  const put = (ts: number, x: number): void => {
    const bucket = Math.floor(ts / ms)
    if (ring === undefined || bucket - newest >= slots) {
      // Nothing was seen for longer than is kept: the last value is still the last before that.
      const last = ring === undefined ? x : ring[newest % slots]!
      const isFresh = ring === undefined
      start(bucket, x)
      if (isFresh) return
      first = bucket - slots + 1
      ;(ring as unknown as Float64Array).fill(last)
      ;(ring as unknown as Float64Array)[bucket % slots] = x
      return
    }
    if (bucket < newest) return
    for (let at = newest + 1; at < bucket; at++) ring[at % slots] = ring[newest % slots]!
    ring[bucket % slots] = x
    newest = bucket
    first = Math.max(first, newest - slots + 1)
  }
  return {
    put,
    at: ts => {
      const bucket = Math.min(Math.floor(ts / ms) - 1, newest)
      return ring === undefined || bucket < first ? undefined : ring[bucket % slots]
    },
    until: () => (ring === undefined ? undefined : (newest + 1) * ms),
    clear: () => {
      ring = undefined
    },
    visit: tape => {
      const isUsed = tape.number(ring === undefined ? 0 : 1)
      if (isUsed === 0) return
      ring ??= new Float64Array(slots)
      tape.floats(ring)
      first = tape.number(first)
      newest = tape.number(newest)
    },
  }
}
