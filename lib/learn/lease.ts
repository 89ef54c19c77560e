import { existsSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { replaceFile } from '../base/atomic-write.ts'
import { TemporaryError } from '../base/errors.ts'
import { isAlive, startOf, takeLock } from '../store/lock.ts'

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
}

/**
 * Takes a lease that ends by itself: when its process is gone, or hangs for longer than `forMs`.
 * Throws a TemporaryError while another holds it. `path` is its file.
 */
export function takeLease(path: string, forMs: number, now: () => number): Lease {
  const mine: Held = {
    pid: process.pid,
    start: startOf(process.pid) ?? 'unknown',
    until: now() + forMs,
  }
  const moment = takeLock(dirname(path), basename(path).replaceAll('.', '-'))
  try {
    const other = readHeld(path)
    if (other !== undefined && other.until > now() && isAlive(other.pid, other.start))
      throw new TemporaryError(
        `${path} is held by process ${other.pid} until ${new Date(other.until).toISOString()}`,
      )
    replaceFile(path, `${JSON.stringify(mine)}\n`)
  } finally {
    moment.release()
  }
  const isMine = (): boolean => {
    const held = readHeld(path)
    return held?.pid === mine.pid && held.start === mine.start && held.until === mine.until
  }
  return {
    isMine,
    release() {
      if (isMine()) rmSync(path, { force: true })
    },
  }
}

/** A file that a power cut left empty holds nothing. */
function readHeld(path: string): Held | undefined {
  if (!existsSync(path)) return undefined
  const text = readFileSync(path, 'utf8')
  return text.endsWith('\n') ? (JSON.parse(text) as Held) : undefined
}
