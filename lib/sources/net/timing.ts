import { wallClock } from '../../base/clock.ts'
import type { Time } from './budget.ts'

const LONGEST = 2 ** 31 - 1

/** A wait that ends early when the signal fires. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve()
  return new Promise(resolve => {
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, Math.min(ms, LONGEST))
    signal.addEventListener('abort', finish)
  })
}

/** The time of the machine. */
export const realTime: Time = { now: wallClock.now, monotonic: wallClock.monotonic, sleep }
