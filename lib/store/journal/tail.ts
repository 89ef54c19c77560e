import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { DataError } from '../../base/errors.ts'

const BLOCK = 1 << 16
/** Twice the longest line a reader accepts. */
const LONGEST = 1 << 25

/** Offset just behind the last newline of a file of `size` bytes; 0 when it has none. */
export function endOfLines(fd: number, size: number): number {
  const block = Buffer.alloc(BLOCK)
  for (let to = size; to > 0; to = Math.max(0, to - BLOCK)) {
    const from = Math.max(0, to - BLOCK)
    const got = readSync(fd, block, 0, to - from, from)
    const at = block.subarray(0, got).lastIndexOf(10)
    if (at >= 0) return from + at + 1
  }
  return 0
}

/**
 * Cuts off an unfinished last line, which a killed writer leaves behind: it was never acknowledged.
 * Returns the bytes removed.
 */
export function repairTail(path: string): number {
  const fd = openSync(path, 'r+')
  try {
    const { size } = fstatSync(fd)
    const end = endOfLines(fd, size)
    if (end < size) ftruncateSync(fd, end)
    return size - end
  } finally {
    closeSync(fd)
  }
}

/** Whole lines in the last `bytes` bytes of a file, in order, each with the offset behind it. */
export function* lastLines(path: string, bytes: number): Generator<[raw: string, next: number]> {
  const fd = openSync(path, 'r')
  try {
    const end = endOfLines(fd, fstatSync(fd).size)
    let at = Math.max(0, end - bytes)
    let isPartial = at > 0
    while (at < end) {
      const block = readBlock(fd, at, Math.min(LONGEST, end - at))
      let from = 0
      for (let to = block.indexOf(10); to >= 0; to = block.indexOf(10, from)) {
        if (!isPartial) yield [block.toString('utf8', from, to), at + to + 1]
        isPartial = false
        from = to + 1
      }
      if (from === 0)
        throw new DataError(`${path}: a line of more than ${LONGEST} bytes at byte ${at}`)
      at += from
    }
  } finally {
    closeSync(fd)
  }
}

function readBlock(fd: number, at: number, bytes: number): Buffer {
  const block = Buffer.allocUnsafe(bytes)
  return block.subarray(0, readSync(fd, block, 0, bytes, at))
}
