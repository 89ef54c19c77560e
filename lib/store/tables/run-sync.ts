import { appendFileSync } from 'node:fs'
import type { Output } from '../../base/console.ts'
import { DataError, show } from '../../base/errors.ts'
import type { SyncOptions } from './load.ts'
import type { Trouble } from './piece.ts'
import { sync } from './sync.ts'

/** So many of a kind are named, the others counted. */
const NAMED = 20

/**
 * The command `sync`: one line with what was done, each line of trouble on stderr, and with
 * `rejects` in a file. A DataError when there was any.
 */
export async function runSync(
  options: SyncOptions & { rejects?: string | undefined },
  warn: (text: string) => void,
  out: Output,
): Promise<void> {
  let first: Trouble | undefined
  let count = 0
  const tell = (trouble: Trouble): void => {
    const { path, line, reason, raw, what } = trouble
    first ??= trouble
    count++
    if (count <= NAMED) warn(`${path}: line ${line}: ${what}: ${reason}: ${show(raw)}`)
    if (count === NAMED + 1) warn('and more of them')
    if (options.rejects !== undefined)
      appendFileSync(
        options.rejects,
        `${JSON.stringify({ line, place: path, what, reason, raw })}\n`,
      )
  }
  const report = await sync({ ...options, tell, warn })
  await out.write(`${JSON.stringify(report)}\n`)
  if (first === undefined) return
  const { refused, damaged = 0, conflicts = 0 } = report
  const error = new DataError(
    `${first.reason} (${refused} refused, ${damaged} out of their place, ${conflicts} in ` +
      'conflict; all others are loaded)',
    { line: first.line },
  )
  error.place = first.path
  throw error
}
