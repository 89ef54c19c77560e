import { closeSync, constants, openSync, readSync } from 'node:fs'
import { UsageError } from './errors.ts'

const LONGEST_MS = 10_000
const LOOK_MS = 10
const BLOCK = 1 << 16
const sleeper = new Int32Array(new SharedArrayBuffer(4))

/**
 * The text of a file that somebody names. A pipe, as a shell makes it of `<(…)`, is read to its
 * end; one that nobody writes to is empty, and one whose writer says nothing for ten seconds is
 * given up with a UsageError. A plain read would wait for ever, and Ctrl-C would not be heard.
 * Errors of the system are thrown as they are.
 */
export function readText(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const pieces: Buffer[] = []
    const block = Buffer.allocUnsafe(BLOCK)
    for (let waited = 0; waited < LONGEST_MS; ) {
      const got = readNow(fd, block)
      if (got === 0) return Buffer.concat(pieces).toString('utf8')
      if (got === undefined) {
        Atomics.wait(sleeper, 0, 0, LOOK_MS)
        waited += LOOK_MS
      } else {
        pieces.push(Buffer.from(block.subarray(0, got)))
        waited = 0
      }
    }
    throw new UsageError(`${path}: a pipe that says nothing for ${LONGEST_MS / 1000} s`)
  } finally {
    closeSync(fd)
  }
}

/** Bytes that are there; undefined where a writer has not said anything yet. */
function readNow(fd: number, block: Buffer): number | undefined {
  try {
    return readSync(fd, block)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined
    throw error
  }
}
