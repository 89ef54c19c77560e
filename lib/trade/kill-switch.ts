import { readlinkSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

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
 * folder that may not be read or is gone, and one that is on another device than at the start,
 * since an unmounted disk leaves an empty folder behind. Where the kill file is a link, the folder
 * meant is that of the file it leads to. It blocks buys, never exits.
 */
export function makeKillSwitch(path: string, at: Look = look): () => boolean {
  const folder = (): string => dirname(leadsTo(path))
  const first = at(folder())
  return () => at(path) !== 'ENOENT' || typeof first === 'string' || at(folder()) !== first
}

/** As many links as Linux follows (path_resolution(7)); a ring of them is no file anyway. */
const MOST_LINKS = 40

/** Where a path leads, also when nothing is there. */
function leadsTo(path: string, links = 0): string {
  let target: string
  try {
    target = readlinkSync(path)
  } catch {
    return path // No link, or nothing that can be read: `at` says which.
  }
  return links === MOST_LINKS ? path : leadsTo(resolve(dirname(path), target), links + 1)
}
