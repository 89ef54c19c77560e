import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../base/atomic-write.ts'
import { UsageError } from '../base/errors.ts'

/**
 * How many windows running each number has been above its bound, up to and before the newest
 * window.
 */
interface DriftState {
  version: string
  /** Tells windows apart: the same one again does not count twice. */
  window: string
  before: Record<string, number>
  now: Record<string, number>
}

/** $SLUICE_HOME/drift/MODEL.json */
export const driftStatePath = (home: string, model: string): string =>
  join(home, 'drift', `${model}.json`)

/** Throws UsageError when the file is damaged. */
export function readDriftState(path: string): DriftState | undefined {
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DriftState
  } catch {
    throw new UsageError(`${path}: not JSON; remove it, the count of windows starts anew`)
  }
}

/** Writes the state whole or not at all. */
export const writeDriftState = (path: string, state: DriftState): void =>
  replaceFile(path, `${JSON.stringify(state)}\n`)

/**
 * Counts a window. Another version starts anew; the window that was counted last is counted again
 * from where it began.
 */
export function countWindow(
  old: DriftState | undefined,
  version: string,
  window: string,
  above: ReadonlyMap<string, boolean>,
): DriftState {
  const known = old?.version === version ? old : undefined
  const before = known === undefined ? {} : known.window === window ? known.before : known.now
  const held = new Map(Object.entries(before))
  const now = [...above].map(([name, isAbove]): [string, number] => [
    name,
    isAbove ? (held.get(name) ?? 0) + 1 : 0,
  ])
  return { version, window, before, now: Object.fromEntries(now) }
}
