import {
  closeSync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  openSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { syncFolder } from '../../base/atomic-write.ts'
import { wallClock } from '../../base/clock.ts'
import { TemporaryError } from '../../base/errors.ts'
import { makeChecker, type Sealer, sealAll, sealerAfter, unseal } from '../sealed/checksum.ts'
import type { HeadKeeper } from '../sealed/head-file.ts'
import { lineBefore, linesIn, repairTail, unsealed } from './tail.ts'

/** A file that only grows by whole batches. */
export interface Appender {
  /**
   * Returns when write(2) has taken all lines, each with its checksum; on failure the file is as
   * before and a TemporaryError says why.
   */
  append(lines: readonly string[]): void
  /** The chain of checksums so far: the next file starts from it. */
  chain(): number
  /** Waits until the disk has them. */
  sync(): void
  close(): void
}

/**
 * Opens a file for appending, unfinished last line cut off. It is synced every `fsyncMs` while
 * lines come and when they stop; 0 syncs every batch. Its checksums go on, or start at `chain`;
 * `head` is told what is on disk. A DataError where its last line is not as it was written.
 */
export function openAppender(
  path: string,
  fsyncMs: number,
  chain: number,
  head?: HeadKeeper,
): Appender {
  const fd = openSync(path, 'a+')
  repairTail(path)
  const sealer = sealerOf(fd, path, chain)
  syncFolder(dirname(path))
  let size = fstatSync(fd).size
  let timer: NodeJS.Timeout | undefined
  let failure: Error | undefined

  const file = basename(path)
  const end = () => (sealer.isFirst() ? undefined : { file, bytes: size, chain: sealer.chain() })
  let isOpen = true
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      const safe = end()
      fsync(fd, error => {
        if (error !== null && error.code !== 'EBADF') failure = error
        // A file that was closed meanwhile has told its end itself.
        else if (safe !== undefined && isOpen && error === null) head?.put(safe)
      })
    }, fsyncMs).unref()
  }
  const sync = (): void => {
    clearTimeout(timer)
    timer = undefined
    fsyncSync(fd)
    const safe = end()
    if (safe !== undefined) head?.put(safe)
  }
  return {
    chain: sealer.chain,
    append(lines) {
      const bytes = sealAll(sealer, lines)
      if (failure !== undefined)
        throw new TemporaryError(`${path}: fsync failed: ${failure.message}`)
      try {
        writeAll(fd, bytes)
      } catch (error) {
        ftruncateSync(fd, size)
        throw new TemporaryError(`${path}: ${(error as Error).message}`)
      }
      size += bytes.length
      if (fsyncMs === 0) sync()
      else soon()
    },
    sync,
    close() {
      sync()
      isOpen = false
      closeSync(fd)
    },
  }
}

/** Goes on with the chain of a file: of its last line, or of all of them where that has none. */
function sealerOf(fd: number, path: string, chain: number): Sealer {
  const last = lineBefore(fd, fstatSync(fd).size)
  const isSealed = last !== undefined && unseal(last).seal !== undefined
  if (isSealed) return sealerAfter(makeChecker(last), chain)
  const checker = makeChecker()
  if (last !== undefined)
    for (const { bytes, at } of linesIn(path)) unsealed(checker, bytes.toString(), bytes, path, at)
  return sealerAfter(checker, chain)
}

/** write(2) may take fewer bytes than asked for, for example on a full disk. */
export function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
}

/**
 * Returns a guard that throws a TemporaryError while the file system of `dir` has less than
 * `minFree` bytes left. Looks at most once a second.
 */
export function makeSpaceGuard(dir: string, minFree: number): () => void {
  let nextAt = 0
  return () => {
    const now = wallClock.monotonic()
    if (minFree === 0 || now < nextAt) return
    nextAt = now + 1000
    const { bavail, bsize } = statfsSync(dir)
    if (bavail * bsize < minFree) {
      throw new TemporaryError(
        `${dir}: ${Math.floor((bavail * bsize) / 2 ** 20)} MB free, needs ${minFree / 2 ** 20} MB`,
      )
    }
  }
}
