import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TemporaryError } from '../../base/errors.ts'
import type { Rng } from '../../base/rng.ts'
import { takeLock } from '../../store/hold.ts'
import {
  type Bucket,
  callsLeft,
  emptyBucket,
  type Limit,
  onFailure,
  onLimited,
  onSuccess,
  type Priority,
  take,
} from './bucket.ts'

export interface Time {
  now(): number
  /** Milliseconds that only run forwards, whatever `now` is set to; absent where it never is. */
  monotonic?(): number
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** Who goes first, and how long a turn is waited for at most. */
interface Patience {
  priority: Priority
  maxWaitMs?: number | undefined
}

/** Leave to ask a host, shared by every process of this home. */
export interface Budget {
  /**
   * Waits for a turn. Throws a TemporaryError when none comes within `maxWaitMs`, and the signal’s
   * reason.
   */
  turn(host: string, key: string, limit: Limit, how: Patience, signal: AbortSignal): Promise<void>
  succeeded(host: string, key: string): Promise<void>
  limited(host: string, key: string, retryAt: number | undefined): Promise<void>
  failed(host: string, key: string): Promise<void>
  /** Calls that could be made at once now. */
  left(host: string, key: string, limit: Limit): number
}

const MAX_WAIT_MS = 120_000

/**
 * Calls taken out of the bucket ahead, for hosts that allow so many that the file would be in the
 * way.
 */
interface Lease {
  left: number
  until: number
}
const LEASE_MS = 250

/**
 * As many as the limit allows within a lease, where the host is well: a host in trouble is asked
 * call by call.
 */
const leaseOf = ({ perMinute, burst }: Limit, { failures, limited }: Bucket): number =>
  failures + limited > 0
    ? 1
    : Math.max(1, Math.min(Math.floor(burst / 4), Math.floor((perMinute * LEASE_MS) / 60_000)))

function useLease(lease: Lease | undefined, now: number): boolean {
  if (lease === undefined || lease.left === 0 || now > lease.until) return false
  lease.left--
  return true
}

/**
 * One bucket per host and key in `dir`, each a small file replaced as a whole under a lock. The key
 * itself is not written: only a hash of it is part of the name.
 */
export function makeBudget(dir: string, time: Time, rng: Rng): Budget {
  mkdirSync(dir, { recursive: true })
  const leases = new Map<string, Lease>()
  const clean = new Set<string>()
  const update = <T>(
    host: string,
    key: string,
    change: (bucket: Bucket, now: number) => T,
  ): Promise<T> =>
    exclusively(dir, nameOf(host, key), time, rng, path => {
      const bucket = readBucket(path)
      const result = change(bucket, time.now())
      if (bucket.failures + bucket.limited + bucket.probeUntil === 0) clean.add(nameOf(host, key))
      else clean.delete(nameOf(host, key))
      writeFileSync(`${path}.${process.pid}.tmp`, JSON.stringify(bucket))
      renameSync(`${path}.${process.pid}.tmp`, path)
      return result
    })
  return {
    async turn(host, key, limit, { priority, maxWaitMs = MAX_WAIT_MS }, signal) {
      const name = nameOf(host, key)
      for (const until = time.now() + maxWaitMs; ; ) {
        signal.throwIfAborted()
        if (useLease(leases.get(name), time.now())) return
        const wait = await update(host, key, (bucket, now) => {
          const calls = leaseOf(limit, bucket)
          if (calls > 1 && take(bucket, limit, priority, now, calls) === 0) {
            leases.set(name, { left: calls - 1, until: now + LEASE_MS })
            return 0
          }
          return take(bucket, limit, priority, now)
        })
        if (wait === 0) return
        if (time.now() + wait > until)
          throw new TemporaryError(`${host}: no turn for ${Math.ceil(wait / 1000)} s`)
        // Those who wait for the same moment must not all come at it.
        await time.sleep(wait + rng.below(25), signal)
      }
    },
    async succeeded(host, key) {
      // Nearly always there is nothing to forget: the file is left alone.
      if (!clean.has(nameOf(host, key))) await update(host, key, onSuccess)
    },
    limited(host, key, retryAt) {
      leases.delete(nameOf(host, key))
      return update(host, key, (bucket, now) => onLimited(bucket, retryAt, now, rng.next()))
    },
    failed(host, key) {
      leases.delete(nameOf(host, key))
      return update(host, key, (bucket, now) => onFailure(bucket, now, rng.next()))
    },
    left: (host, key, limit) =>
      callsLeft(readBucket(join(dir, `${nameOf(host, key)}.json`)), limit, time.now()),
  }
}

/** A name without dots, as the lock wants it. */
function nameOf(host: string, key: string): string {
  const hash = createHash('sha256').update(`${host}\n${key}`).digest('hex').slice(0, 12)
  return `${host.replace(/[^A-Za-z0-9]/g, '-').slice(0, 60)}-${hash}`
}

/**
 * A file that is missing or broken is an empty bucket: at worst some calls too many, never none at
 * all.
 */
function readBucket(path: string): Bucket {
  const bucket = emptyBucket()
  try {
    const stored: unknown = JSON.parse(readFileSync(path, 'utf8'))
    for (const key of Object.keys(bucket) as (keyof Bucket)[]) {
      const value = (stored as Partial<Bucket> | null)?.[key]
      if (typeof value === 'number' && Number.isFinite(value)) bucket[key] = value
    }
  } catch (error) {
    const isKnown =
      error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!isKnown) throw error
  }
  return bucket
}

/** Calls of this process wait in line here, so that only other processes are met at the lock. */
const lines = new Map<string, Promise<unknown>>()
const LOCK_TRIES = 1000

async function exclusively<T>(
  dir: string,
  name: string,
  time: Time,
  rng: Rng,
  act: (path: string) => T,
): Promise<T> {
  const path = join(dir, name)
  const before = lines.get(path) ?? Promise.resolve()
  const mine = before.then(() => locked(dir, name, time, rng, () => act(`${path}.json`)))
  const settled = mine.catch(() => undefined)
  lines.set(path, settled)
  try {
    return await mine
  } finally {
    if (lines.get(path) === settled) lines.delete(path)
  }
}

async function locked<T>(
  dir: string,
  name: string,
  time: Time,
  rng: Rng,
  act: () => T,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      const lock = takeLock(dir, name)
      try {
        return act()
      } finally {
        lock.release()
      }
    } catch (error) {
      if (!(error instanceof TemporaryError) || tries === LOCK_TRIES) throw error
      await time.sleep(1 + rng.below(10), NEVER)
    }
  }
}

const NEVER = new AbortController().signal
