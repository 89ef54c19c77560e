import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, messageOf } from '../base/errors.ts'

/** SHA-256 of a file, in hex. */
export const sha256 = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex')

/**
 * Compares every file of an export with the hash that its manifest holds of it.
 * @throws DataError naming the file that is another one, or that there is none.
 */
export function checkHashes(dir: string): void {
  const { files = {} } = readManifest(dir)
  for (const [split, hash] of Object.entries(files)) {
    const path = join(dir, `${split}.parquet`)
    const found = existsSync(path) ? sha256(path).slice(0, 12) : 'missing'
    if (!hash.startsWith(found))
      throw new DataError(
        `${path} is ${found}, manifest.json says ${hash.slice(0, 12)}: export again`,
      )
  }
}

/** What export wrote about itself. @throws DataError when it is damaged. */
export function readManifest(dir: string): Partial<Manifest> {
  const path = join(dir, 'manifest.json')
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Partial<Manifest>
  } catch (error) {
    throw new DataError(`${path}: ${messageOf(error)}: export again`)
  }
}

interface Manifest {
  /** Hash of each part. */
  files: Record<string, string>
  split: { trainShare: number; validShare: number; embargoMs: number; mintDisjoint: boolean }
  /** Features that the leak check was told to trust. */
  trusted: string[]
  /** Horizons of the rows, and what the labels of each mean. */
  horizons: string[]
  labelHashes: Record<string, string>
  /** Hash of each feature set, as all of its rows carried it. */
  sets: Record<string, string>
  /** `name@version:unit` of the features of each set that was declared, over which its hash is. */
  definitions: Record<string, string[]>
}
