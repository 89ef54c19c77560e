import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { replaceFile } from '../base/atomic-write.ts'
import { TemporaryError } from '../base/errors.ts'
import { type Hold, isHeld, takeLock } from '../store/hold.ts'
import { isAlive, startOf } from '../store/lock.ts'

/** The right to change something, for a time. */
export interface Lease {
  /**
   * False once the time has passed and another process has taken it: then nothing may be changed
   * any more.
   */
  isMine(): boolean
  release(): void
}

interface Held {
  pid: number
  start: string
  until: number
  /** The file that it holds for as long as it lives; versions before have none. */
  lock?: string
}

/**
 * Takes a lease that ends by itself: when its process is gone, or hangs for longer than `forMs`.
 * Throws a TemporaryError while another holds it. `path` is its file.
 */
export function takeLease(path: string, forMs: number, now: () => number): Lease {
  const dir = dirname(path)
  const role = `${basename(path)}-${randomUUID()}`
  const mine: Held = {
    pid: process.pid,
    start: startOf(process.pid) ?? 'unknown',
    until: now() + forMs,
    lock: `.${role}.lock`,
  }
  const moment = takeLock(dir, basename(path))
  let life: Hold | undefined
  try {
    const other = readHeld(path)
    if (other !== undefined && other.until > now() && isAliveHolder(dir, other))
      throw new TemporaryError(
        `${path} is held by process ${other.pid} until ${new Date(other.until).toISOString()}`,
      )
    if (other?.lock !== undefined) rmSync(join(dir, basename(other.lock)), { force: true })
    life = takeLock(dir, role)
    replaceFile(path, `${JSON.stringify(mine)}\n`)
  } catch (error) {
    life?.release()
    throw error
  } finally {
    moment.release()
  }
  const isMine = (): boolean => readHeld(path)?.lock === mine.lock
  return {
    isMine,
    release() {
      if (isMine()) rmSync(path, { force: true })
      rmSync(join(dir, mine.lock!), { force: true })
      life.release()
    },
  }
}

/** By what it holds, wherever it runs; by its process id where nobody can be asked. */
function isAliveHolder(dir: string, { lock, pid, start }: Held): boolean {
  const held = lock === undefined ? undefined : isHeld(join(dir, basename(lock)))
  return held ?? isAlive(pid, start)
}

/** A file that a power cut left empty holds nothing. */
function readHeld(path: string): Held | undefined {
  if (!existsSync(path)) return undefined
  const text = readFileSync(path, 'utf8')
  return text.endsWith('\n') ? (JSON.parse(text) as Held) : undefined
}
