import { randomFillSync } from 'node:crypto'
import { type Disk, realDisk } from '../../store/machine-disk.ts'

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
export function keepBallast(path: string, bytes: number, disk = realDisk): Ballast {
  const file = `${path}.ballast`
  if (!disk.exists(file) || sizeOf(file, disk) !== bytes) fill(file, bytes, disk)
  return {
    drop() {
      if (!disk.exists(file)) return false
      disk.remove(file)
      return true
    },
  }
}

function sizeOf(file: string, disk: Disk): number {
  const fd = disk.open(file, 'r')
  try {
    return disk.size(fd)
  } finally {
    disk.close(fd)
  }
}

function fill(file: string, bytes: number, disk: Disk): void {
  const block = Buffer.alloc(BLOCK)
  const fd = disk.open(file, 'w', 0o600)
  try {
    for (let at = 0; at < bytes; )
      at += disk.write(fd, randomFillSync(block).subarray(0, Math.min(BLOCK, bytes - at)))
    disk.sync(fd)
  } catch (error) {
    if (!isFull(error)) throw error
    disk.remove(file)
  } finally {
    disk.close(fd)
  }
}

/** True when a write failed for want of room. */
export const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
