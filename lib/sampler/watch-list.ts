import { existsSync } from 'node:fs'
import { replaceFile } from '../base/atomic-write.ts'
import { UsageError } from '../base/errors.ts'
import { readText } from '../base/read-text.ts'
import type { Watch } from './sampler.ts'

/**
 * Reads the list that an earlier run wrote; none when there is no file. Throws UsageError when it
 * is something else.
 */
export function readWatches(path: string): Watch[] {
  if (!existsSync(path)) return []
  const lines = readText(path)
    .split('\n')
    .filter(line => line !== '')
  return lines.map((line, i) => {
    const watch = parse(line)
    if (
      typeof watch?.mint !== 'string' ||
      typeof watch.seenTs !== 'number' ||
      !Array.isArray(watch.reasons)
    )
      throw new UsageError(
        `${path}: line ${i + 1} is not of the sampler; remove the file or name another with ` +
          `--state`,
      )
    return watch
  })
}

function parse(line: string): Watch | undefined {
  try {
    return JSON.parse(line) as Watch
  } catch {
    return undefined
  }
}

/** Replaces the list as one step; a line per token, the next one due first. */
export const writeWatches = (path: string, watches: readonly Watch[]): void =>
  replaceFile(path, watches.map(watch => `${JSON.stringify(watch)}\n`).join(''))
