import { randomFillSync } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs'

/** A file that only takes up room, to be given back when the disk is full. */
export interface Ballast {
  /** Gives the room back; false when there is none left to give. */
  drop(): boolean
}

const BLOCK = 1 << 20

/**
 * Keeps `bytes` of the disk back beside `path`, so that the exits of open positions can still be
 * written when nothing else can. Real bytes, which no file system can pack or leave out. Without
 * room for it nothing is kept, and `drop` says so.
 */
export function keepBallast(path: string, bytes: number): Ballast {
  const file = `${path}.ballast`
  if (!existsSync(file) || statSync(file).size !== bytes) fill(file, bytes)
  return {
    drop() {
      if (!existsSync(file)) return false
      rmSync(file)
      return true
    },
  }
}

function fill(file: string, bytes: number): void {
  const block = Buffer.alloc(BLOCK)
  const fd = openSync(file, 'w', 0o600)
  try {
    for (let at = 0; at < bytes; )
      at += writeSync(fd, randomFillSync(block), 0, Math.min(BLOCK, bytes - at))
    fsyncSync(fd)
  } catch (error) {
    if (!isFull(error)) throw error
    rmSync(file)
  } finally {
    closeSync(fd)
  }
}

/** True when a write failed for want of room. */
export const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
