/** How often a host may be asked. */
export interface Limit {
  perMinute: number
  /** Calls that may follow each other at once. */
  burst: number
}

/** Who is asking: when calls run short, the lower ones wait first. */
export type Priority = 'high' | 'normal' | 'low'

/** State of one host and key, shared by all processes; times in ms UTC. */
export interface Bucket {
  /** Time at which the bucket will be full again (generic cell rate algorithm, ITU-T I.371). */
  fullAt: number
  /** The host said not to come before. */
  blockedUntil: number
  /** Answers “too many” without a time, in a row. */
  limited: number
  /** Failures in a row. */
  failures: number
  /** The breaker is open: nobody asks until then; after it one probe does. */
  openUntil: number
  probeUntil: number
}

/** The state of a host that nobody has asked yet. */
export const emptyBucket = (): Bucket => ({
  fullAt: 0,
  blockedUntil: 0,
  limited: 0,
  failures: 0,
  openUntil: 0,
  probeUntil: 0,
})

/** Share of the burst that each priority may use up. */
const SHARE: Record<Priority, number> = { high: 1, normal: 0.75, low: 0.5 }
/** Failures in a row that open the breaker. */
const TOLERATED = 4
const PROBE_MS = 30_000
const BASE_MS = 500
const CAP_MS = 60_000
/** Longest that a host can send us away; later is another day’s problem. */
const MAX_BLOCK_MS = 3_600_000

/**
 * Takes calls out of the bucket. Returns 0 when they may go now, else the ms after which to ask
 * again.
 */
export function take(
  bucket: Bucket,
  { perMinute, burst }: Limit,
  priority: Priority,
  now: number,
  calls = 1,
): number {
  const perCall = Math.ceil(60_000 / perMinute)
  forgetFuture(bucket, now, burst * perCall)
  const wait =
    Math.max(
      bucket.blockedUntil,
      bucket.openUntil,
      bucket.failures > TOLERATED ? bucket.probeUntil : 0,
    ) - now
  if (wait > 0) return wait
  const room = Math.max(1, Math.floor(burst * SHARE[priority])) * perCall
  const fullAt = Math.max(bucket.fullAt, now) + calls * perCall
  if (fullAt - now > room) return Math.ceil(fullAt - now - room)
  bucket.fullAt = fullAt
  if (bucket.failures > TOLERATED) bucket.probeUntil = now + PROBE_MS
  return 0
}

/**
 * What lies further ahead than anything is ever set: the clock was set back since, and nobody waits
 * for it to come round again.
 */
function forgetFuture(bucket: Bucket, now: number, wholeMs: number): void {
  const furthest = now + Math.max(MAX_BLOCK_MS, wholeMs)
  for (const key of ['fullAt', 'blockedUntil', 'openUntil', 'probeUntil'] as const)
    if (bucket[key] > furthest) bucket[key] = now
}

/** Calls that may be made at once now; none while the host is not to be asked at all. */
export function callsLeft(bucket: Bucket, { perMinute, burst }: Limit, now: number): number {
  if (Math.max(bucket.blockedUntil, bucket.openUntil) > now) return 0
  const taken = Math.max(0, bucket.fullAt - now) / Math.ceil(60_000 / perMinute)
  return Math.max(0, Math.floor(Math.max(1, burst) - taken))
}

/**
 * Exponential backoff with full jitter (Brooker, “Exponential Backoff and Jitter”): uniform below
 * min(cap, base·2^n).
 */
export const backoff = (attempt: number, random: number): number =>
  Math.ceil(random * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 16)))

/**
 * Pause in ms after so many failures in a row: between half and all of half a second, doubled with
 * each, at most `cap`. The lower half is certain, so that a node which refuses is asked ever less.
 */
export const pauseAfter = (failures: number, random: number, cap = CAP_MS): number =>
  Math.ceil((0.5 + random / 2) * Math.min(cap, BASE_MS * 2 ** Math.min(failures, 20)))

/** The host answered: its refusals and failures in a row are forgotten. */
export function onSuccess(bucket: Bucket): void {
  bucket.failures = 0
  bucket.limited = 0
  bucket.probeUntil = 0
}

/**
 * The host answered “too many”: stay away until the time it names, else for a growing random time.
 */
export function onLimited(
  bucket: Bucket,
  retryAt: number | undefined,
  now: number,
  random: number,
): void {
  const pause =
    retryAt === undefined
      ? BASE_MS + backoff(bucket.limited + 1, random)
      : Math.max(0, retryAt - now)
  bucket.limited++
  bucket.blockedUntil = Math.max(bucket.blockedUntil, now + Math.min(pause, MAX_BLOCK_MS))
  bucket.probeUntil = 0
}

/** The host did not answer, or with a fault of its own. */
export function onFailure(bucket: Bucket, now: number, random: number): void {
  bucket.failures++
  bucket.probeUntil = 0
  const pause = backoff(bucket.failures, random)
  if (bucket.failures > TOLERATED) bucket.openUntil = now + Math.max(1000, pause)
  else bucket.blockedUntil = Math.max(bucket.blockedUntil, now + pause)
}
