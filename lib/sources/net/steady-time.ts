import type { Time } from './budget.ts'

/** Time of the machine that nobody can set while it runs. */
export interface SteadyTime extends Time {
  /**
   * Takes the wall clock up again where it and the newest line say the same, and this time another
   * (the machine slept, or its clock was wrong at the start). True when it did.
   */
  follow(lineTs: number): boolean
}

/** Clocks that say the same differ by at most this. */
const AGREED_MS = 5000

/**
 * The wall clock as it stood at the start, carried on by the monotonic clock: a wall clock that is
 * set back or forward later ends no wait, stops no exit and begins no day. Whole milliseconds.
 */
export function makeSteadyTime(wall: Time): SteadyTime {
  const monotonic = wall.monotonic ?? wall.now
  let offset = wall.now() - monotonic()
  const now = (): number => Math.floor(offset + monotonic())
  return {
    ...wall,
    now,
    follow(lineTs) {
      const isAgreed = Math.abs(wall.now() - lineTs) <= AGREED_MS
      if (!isAgreed || Math.abs(now() - lineTs) <= AGREED_MS) return false
      offset = wall.now() - monotonic()
      return true
    },
  }
}
