import type { Time } from '../../lib/sources/net/budget.ts'
import { realTime } from '../../lib/sources/net/timing.ts'

/**
 * The time of the machine, but running `speed` times as fast from now on: minutes of polling pass
 * in seconds.
 */
export function fastTime(speed: number): Time {
  const startedAt = Date.now()
  return {
    now: () => Math.floor(startedAt + (Date.now() - startedAt) * speed),
    sleep: (ms, signal) => realTime.sleep(Math.max(1, ms / speed), signal),
  }
}
