import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/**
 * Replaces a file as one step: whoever reads it, and whatever dies meanwhile, there is the old one
 * or the new one. `mode` holds whatever the umask says. Writes beside it, syncs, renames, syncs
 * the folder.
 */
export function replaceFile(path: string, data: string | Uint8Array, mode?: number): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  const fd = openSync(temporary, 'w', 0o666)
  if (mode !== undefined) fchmodSync(fd, mode)
  try {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    fsyncSync(fd)
  } catch (error) {
    closeSync(fd)
    rmSync(temporary, { force: true })
    throw error
  }
  closeSync(fd)
  renameSync(temporary, path)
  syncFolder(dirname(path))
}

/** Gives a file that is about to be replaced a second name, which is returned. */
export function keepBeside(path: string): string {
  let n = 1
  while (existsSync(`${path}.damaged-${n}`)) n++
  linkSync(path, `${path}.damaged-${n}`)
  return `${path}.damaged-${n}`
}

/** Makes renames and new files in a folder survive a power cut. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
