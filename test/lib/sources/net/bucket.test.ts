import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import * as bucket from '../../../../lib/sources/net/bucket.ts'
import { retryAt } from '../../../../lib/sources/net/http.ts'

const NOW = 1_760_000_000_000
const LIMIT = { perMinute: 60, burst: 4 }

test('a burst, then one call per interval', () => {
  const state = bucket.emptyBucket()
  const waits = [0, 0, 0, 0, 0].map(() => bucket.take(state, LIMIT, 'high', NOW))
  // 60 a minute is one a second: after four at once the fifth waits a second.
  assert.deepEqual(waits, [0, 0, 0, 0, 1000])
  assert.equal(bucket.take(state, LIMIT, 'high', NOW + 1000), 0)
  assert.equal(bucket.take(state, LIMIT, 'high', NOW + 1000), 1000)
})

test('a low priority leaves half of the burst to others', () => {
  const state = bucket.emptyBucket()
  assert.deepEqual(
    [bucket.take(state, LIMIT, 'low', NOW), bucket.take(state, LIMIT, 'low', NOW)],
    [0, 0],
  )
  assert.equal(bucket.take(state, LIMIT, 'low', NOW), 1000)
  assert.equal(bucket.take(state, LIMIT, 'high', NOW), 0)
})

test('no schedule gets more calls than burst and rate allow', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3000), { minLength: 1, maxLength: 200 }), steps => {
      const state = bucket.emptyBucket()
      let now = NOW
      let granted = 0
      for (const step of steps) {
        now += step
        if (bucket.take(state, LIMIT, 'high', now) === 0) granted++
      }
      assert.ok(granted <= LIMIT.burst + (now - NOW) / 1000)
    }),
  )
})

test('the wait that is named is enough', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 50 }),
      (perMinute, burst) => {
        const state = bucket.emptyBucket()
        let now = NOW
        for (let i = 0; i < 100; i++) {
          const wait = bucket.take(state, { perMinute, burst }, 'low', now)
          if (wait > 0)
            assert.equal(bucket.take(state, { perMinute, burst }, 'low', (now += wait)), 0)
        }
      },
    ),
    { numRuns: 50 },
  )
})

test('“too many” with a time is obeyed, without one the pause grows', () => {
  const state = bucket.emptyBucket()
  bucket.onLimited(state, NOW + 7000, NOW, 0.5)
  assert.equal(bucket.take(state, LIMIT, 'high', NOW), 7000)
  assert.equal(bucket.take(state, LIMIT, 'high', NOW + 7000), 0)
  // Half of 500 ms × 2^n, on top of the base; the third answer in a row here.
  bucket.onLimited(state, undefined, NOW + 8000, 0.5)
  assert.equal(state.blockedUntil, NOW + 8000 + 500 + 1000)
  // A host that asks for a year gets an hour.
  bucket.onLimited(state, NOW + 365 * 86_400_000, NOW, 0)
  assert.equal(state.blockedUntil, NOW + 3_600_000)
})

test('the breaker opens after failures, lets one probe through, closes on success', () => {
  const state = bucket.emptyBucket()
  for (let i = 0; i < 5; i++) bucket.onFailure(state, NOW, 0)
  assert.equal(bucket.take(state, LIMIT, 'high', NOW), 1000)
  assert.equal(bucket.take(state, LIMIT, 'high', NOW + 1000), 0)
  assert.ok(bucket.take(state, LIMIT, 'high', NOW + 1001) > 25_000)
  bucket.onSuccess(state)
  assert.equal(bucket.take(state, LIMIT, 'high', NOW + 1002), 0)
})

test('a probe that fails opens the breaker again', () => {
  const state = bucket.emptyBucket()
  for (let i = 0; i < 6; i++) bucket.onFailure(state, NOW, 1)
  // 500 ms × 2^6 = 32 s.
  assert.equal(bucket.take(state, LIMIT, 'high', NOW), 32_000)
})

test('when to come back: seconds, dates and times since 1970', () => {
  const header = (name: string, value: string) => (asked: string) => (asked === name ? value : null)
  assert.equal(retryAt(header('retry-after', '7'), NOW), NOW + 7000)
  assert.equal(retryAt(header('retry-after', 'Thu, 09 Oct 2025 08:53:20 GMT'), NOW), NOW)
  assert.equal(retryAt(header('x-ratelimit-reset', String(NOW / 1000 + 3)), NOW), NOW + 3000)
  assert.equal(retryAt(header('x-ratelimit-reset', '12.5'), NOW), NOW + 12_500)
  assert.equal(retryAt(header('retry-after', 'soon'), NOW), undefined)
  assert.equal(
    retryAt(() => null, NOW),
    undefined,
  )
})

test('a clock that was set back a day keeps nobody waiting for that day', () => {
  const state = { ...bucket.emptyBucket(), fullAt: NOW + 86_400_000, openUntil: NOW + 86_400_000 }
  const waits = [0, 0, 0, 0, 0].map(() => bucket.take(state, LIMIT, 'high', NOW))
  assert.deepEqual(waits, [0, 0, 0, 0, 1000])
})
