import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TemporaryError } from '../../errors.ts'
import type { Rng } from '../../rng.ts'
import { takeLock } from '../../store/lock.ts'
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
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** Leave to ask a host, shared by every process of this home. */
export interface Budget {
  /** Waits for a turn. Throws a TemporaryError when none comes within `maxWaitMs`, and the signal’s reason. */
  turn(
    host: string,
    key: string,
    limit: Limit,
    priority: Priority,
    signal: AbortSignal,
    maxWaitMs?: number,
  ): Promise<void>
  succeeded(host: string, key: string): Promise<void>
  limited(host: string, key: string, retryAt: number | undefined): Promise<void>
  failed(host: string, key: string): Promise<void>
  /** Calls that could be made at once now. */
  left(host: string, key: string, limit: Limit): number
}

const MAX_WAIT_MS = 120_000

/**
 * One bucket per host and key in `dir`, each a small file replaced as a whole under a lock. The key itself is not written:
 * only a hash of it is part of the name.
 */
export function makeBudget(dir: string, time: Time, rng: Rng): Budget {
  mkdirSync(dir, { recursive: true })
  const update = <T>(host: string, key: string, change: (bucket: Bucket, now: number) => T): Promise<T> =>
    exclusively(dir, nameOf(host, key), time, rng, path => {
      const bucket = readBucket(path)
      const result = change(bucket, time.now())
      writeFileSync(`${path}.${process.pid}.tmp`, JSON.stringify(bucket))
      renameSync(`${path}.${process.pid}.tmp`, path)
      return result
    })
  return {
    async turn(host, key, limit, priority, signal, maxWaitMs = MAX_WAIT_MS) {
      for (const until = time.now() + maxWaitMs; ; ) {
        signal.throwIfAborted()
        const wait = await update(host, key, (bucket, now) => take(bucket, limit, priority, now))
        if (wait === 0) return
        if (time.now() + wait > until) throw new TemporaryError(`${host}: no turn for ${Math.ceil(wait / 1000)} s`)
        // Those who wait for the same moment must not all come at it.
        await time.sleep(wait + rng.below(25), signal)
      }
    },
    succeeded: (host, key) => update(host, key, onSuccess),
    limited: (host, key, retryAt) => update(host, key, (bucket, now) => onLimited(bucket, retryAt, now, rng.next())),
    failed: (host, key) => update(host, key, (bucket, now) => onFailure(bucket, now, rng.next())),
    left: (host, key, limit) => callsLeft(readBucket(join(dir, `${nameOf(host, key)}.json`)), limit, time.now()),
  }
}

/** A name without dots, as the lock wants it. */
function nameOf(host: string, key: string): string {
  const hash = createHash('sha256').update(`${host}\n${key}`).digest('hex').slice(0, 12)
  return `${host.replace(/[^A-Za-z0-9]/g, '-').slice(0, 60)}-${hash}`
}

/** A file that is missing or broken is an empty bucket: at worst some calls too many, never none at all. */
function readBucket(path: string): Bucket {
  const bucket = emptyBucket()
  try {
    const stored: unknown = JSON.parse(readFileSync(path, 'utf8'))
    for (const key of Object.keys(bucket) as (keyof Bucket)[]) {
      const value = (stored as Partial<Bucket> | null)?.[key]
      if (typeof value === 'number' && Number.isFinite(value)) bucket[key] = value
    }
  } catch (error) {
    const isKnown = error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!isKnown) throw error
  }
  return bucket
}

/** Calls of this process wait in line here, so that only other processes are met at the lock. */
const lines = new Map<string, Promise<unknown>>()
const LOCK_TRIES = 1000

async function exclusively<T>(dir: string, name: string, time: Time, rng: Rng, act: (path: string) => T): Promise<T> {
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

async function locked<T>(dir: string, name: string, time: Time, rng: Rng, act: () => T): Promise<T> {
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
