import { open, readFile, rename, rm } from 'node:fs/promises'
import { messageOf, TemporaryError } from '../../../base/errors.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './epoch-checkpoint.ts'

/**
 * Replaces the checkpoint file in one step: whoever reads it, or is killed meanwhile, finds the old
 * or the new one whole. @throws TemporaryError when the disk does not take it; the old file stays.
 */
export async function saveCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const part = `${path}.part`
  try {
    const file = await open(part, 'w')
    try {
      await file.writeFile(encodeCheckpoint(checkpoint))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw new TemporaryError(`checkpoint ${path}: ${messageOf(error)}`)
  }
}

/** The checkpoint at a path; undefined when there is none. @throws DataError when it is damaged. */
export async function loadCheckpoint(path: string): Promise<Checkpoint | undefined> {
  try {
    return decodeCheckpoint(await readFile(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
