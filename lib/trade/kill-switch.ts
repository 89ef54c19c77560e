import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Device of a file or folder, or the code of the error. */
type Look = (path: string) => number | string

const look: Look = path => {
  try {
    return statSync(path).dev
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

/**
 * Whether the kill file is there, asked anew each time. What cannot be looked at counts as there: a
 * folder that may not be read or is gone, and one that is on another device than at the start, as
 * an unmounted disk leaves an empty folder behind. It blocks buys, never exits.
 */
export function makeKillSwitch(path: string, at: Look = look): () => boolean {
  const folder = dirname(path)
  const first = at(folder)
  return () => at(path) !== 'ENOENT' || typeof first === 'string' || at(folder) !== first
}
