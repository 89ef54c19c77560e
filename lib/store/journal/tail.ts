import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { DataError } from '../../base/errors.ts'
import { type Checker, DAMAGES, makeChecker } from '../sealed/checksum.ts'

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

/**
 * Whole lines in the last `bytes` bytes of a file, in order, without their checksums, each with the
 * offset behind it. A DataError naming the line where a checksum does not fit.
 */
export function* lastLines(path: string, bytes: number): Generator<[raw: string, next: number]> {
  let checker: Checker | undefined
  for (const { bytes: line, at, isWithin } of linesIn(path, bytes)) {
    checker ??= makeChecker(isWithin ? '' : undefined)
    yield [unsealed(checker, line.toString(), line, path, at), at + line.length + 1]
  }
}

/** A stored line and its offset. */
interface StoredLine {
  bytes: Buffer
  at: number
  /** There may be lines before the first of these. */
  isWithin: boolean
}

/** Whole lines in the last `bytes` bytes of a file, or all of them, as they are stored. */
export function* linesIn(path: string, bytes = Number.MAX_SAFE_INTEGER): Generator<StoredLine> {
  const fd = openSync(path, 'r')
  try {
    const end = endOfLines(fd, fstatSync(fd).size)
    let at = Math.max(0, end - bytes)
    const isWithin = at > 0
    let isPartial = isWithin
    while (at < end) {
      const block = readBlock(fd, at, Math.min(LONGEST, end - at))
      let from = 0
      for (let to = block.indexOf(10); to >= 0; to = block.indexOf(10, from)) {
        if (!isPartial) yield { bytes: block.subarray(from, to), at: at + from, isWithin }
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

/** The text of a stored line. A DataError where its checksum does not fit; `at` is its offset. */
export function unsealed(
  checker: Checker,
  raw: string,
  bytes: Uint8Array,
  path: string,
  at: number,
): string {
  const { text, damage } = checker.take(raw, bytes)
  if (damage !== undefined) throw damaged(path, at, DAMAGES[damage])
  return text
}

/** The error for a stored line that is not as it was written; `at` is the offset of its bytes. */
export function damaged(path: string, at: number, why: string): DataError {
  const error = new DataError(
    `${why} (“sluice journal check” looks at all of it; put back a copy of the file, or take the ` +
      'line out and the checksums of the whole file)',
    { line: lineAt(path, at) },
  )
  error.place = path
  return error
}

/** Number of the line that starts at an offset. */
function lineAt(path: string, at: number): number {
  const fd = openSync(path, 'r')
  try {
    let no = 1
    for (let from = 0; from < at; ) {
      const block = readBlock(fd, from, Math.min(BLOCK, at - from))
      for (let to = block.indexOf(10); to >= 0; to = block.indexOf(10, to + 1)) no++
      if (block.length === 0) break
      from += block.length
    }
    return no
  } finally {
    closeSync(fd)
  }
}

/** The last whole line before an offset as it is stored; undefined where there is none. */
export function lineBefore(fd: number, at: number): string | undefined {
  if (at === 0) return undefined
  const from = endOfLines(fd, at - 1)
  return readBlock(fd, from, at - 1 - from).toString()
}

function readBlock(fd: number, at: number, bytes: number): Buffer {
  const block = Buffer.allocUnsafe(bytes)
  return block.subarray(0, readSync(fd, block, 0, bytes, at))
}

/** The last whole line of a file as it is stored; undefined where there is none. */
export function lastLineOf(path: string): string | undefined {
  const fd = openSync(path, 'r')
  try {
    return lineBefore(fd, endOfLines(fd, fstatSync(fd).size))
  } finally {
    closeSync(fd)
  }
}
