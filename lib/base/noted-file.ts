import { statSync } from 'node:fs'
import { TemporaryError } from './errors.ts'

const stampOf = (path: string): string => {
  const { size, mtimeMs, ino } = statSync(path)
  return `${ino} ${size} ${mtimeMs}`
}

/**
 * Notes what a file is now, for a reader that comes back to it. What it returns throws a
 * TemporaryError once somebody has written to the file, or put another in its place.
 */
export function noteFile(path: string): () => void {
  const before = stampOf(path)
  return () => {
    if (stampOf(path) !== before)
      throw new TemporaryError(`${path}: somebody wrote to it while it was read; give a copy`)
  }
}
