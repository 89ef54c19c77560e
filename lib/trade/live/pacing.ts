import { TemporaryError } from '../../base/errors.ts'
import {
  type Bucket,
  callsLeft,
  emptyBucket,
  onLimited,
  onSuccess,
  take,
} from '../../sources/net/bucket.ts'
import type { Budget, Time } from '../../sources/net/budget.ts'

/** Share of a signed transaction’s life that live trading stays away from a host at most. */
const LONGEST_LIVES = 1 / 30
const FIRST_MS = 200

/**
 * Leave to ask a host, kept in this process: an exit must not wait behind another process’s
 * backfill, nor for a breaker that opens for a minute.
 */
export function makePacing(time: Time, lifeMs: () => number): Budget {
  const buckets = new Map<string, Bucket>()
  const longest = (): number => lifeMs() * LONGEST_LIVES
  const pause = (failures: number): number =>
    Math.min(longest(), FIRST_MS * 2 ** Math.min(failures, 8))
  const of = (host: string, key: string): Bucket => {
    const name = `${host}\n${key}`
    const found = buckets.get(name) ?? emptyBucket()
    buckets.set(name, found)
    return found
  }
  return {
    async turn(host, key, limit, { priority, maxWaitMs = longest() * 4 }, signal) {
      for (const until = time.now() + maxWaitMs; ; ) {
        signal.throwIfAborted()
        const wait = Math.min(longest(), take(of(host, key), limit, priority, time.now()))
        if (wait === 0) return
        if (time.now() + wait > until) throw new TemporaryError(`${host}: no turn for ${wait} ms`)
        await time.sleep(wait, signal)
      }
    },
    left: (host, key, limit) => callsLeft(of(host, key), limit, time.now()),
    async succeeded(host, key) {
      onSuccess(of(host, key))
    },
    async limited(host, key, retryAt) {
      const bucket = of(host, key)
      const now = time.now()
      onLimited(bucket, Math.min(retryAt ?? now + pause(bucket.limited), now + longest()), now, 0)
    },
    async failed(host, key) {
      const bucket = of(host, key)
      const failures = bucket.failures + 1
      // The breaker of the bucket counts failures in a row; here they only lengthen the pause.
      bucket.failures = Math.min(failures, 4)
      bucket.blockedUntil = Math.max(bucket.blockedUntil, time.now() + pause(failures))
    },
  }
}
