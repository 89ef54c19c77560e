import { closeSync, openSync, writeSync } from 'node:fs'
import { UsageError } from '../base/errors.ts'
import { defaultsOf, type Values } from '../base/flags.ts'
import type { BadLines } from '../stream/intake.ts'
import { type CommonFlags, streamingFlags } from './common-flags.ts'

/** Where bad lines of one command go; the file is opened at the first of them. */
export interface Rejects {
  policy: BadLines
  close(): void
}

/**
 * From --skip-bad, --rejects and --max-bad. Skipping without a place to keep what was skipped is
 * refused.
 */
export function makeRejects(
  flags: Partial<Pick<Values<CommonFlags>, 'skipBad' | 'rejects' | 'maxBad'>>,
): Rejects {
  const { skipBad, rejects, maxBad } = { ...defaultsOf(streamingFlags), ...flags }
  if (skipBad && rejects === undefined)
    throw new UsageError('--skip-bad: needs --rejects FILE or fd:N, so that nothing is lost')
  if (!skipBad && rejects !== undefined) throw new UsageError('--rejects: needs --skip-bad')
  const given = rejects?.startsWith('fd:') ? numberOf(rejects) : undefined
  let fd = given
  return {
    policy: {
      skip: skipBad,
      max: maxBad,
      reject(entry) {
        fd ??= openSync(rejects!, 'a')
        writeSync(fd, `${entry}\n`)
      },
    },
    close() {
      if (fd !== undefined && fd !== given) closeSync(fd)
      fd = given
    },
  }
}

function numberOf(word: string): number {
  const fd = Number(word.slice(3))
  if (!/^fd:\d{1,4}$/.test(word) || fd < 2)
    throw new UsageError(`--rejects: expected a file or fd:2 and up, got ${word}`)
  return fd
}
