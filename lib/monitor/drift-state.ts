import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../base/atomic-write.ts'
import { UsageError } from '../base/errors.ts'
import type { Watch } from './martingale.ts'

/** What the tokens that have come since a version is watched say, and until when they were read. */
export interface ArrivalState {
  until: number
  /** By scope and name. */
  watches: Record<string, Watch>
  /** Event time since when a number is above its limit. */
  since: Record<string, number>
}

/**
 * How many windows running each number has been above its bound, up to and before the newest
 * window.
 */
interface DriftState {
  version: string
  /** Windows of this version that were judged. */
  looks: number
  /** Tells windows apart: the same one again does not count twice. */
  window: string
  before: Record<string, number>
  now: Record<string, number>
  arrivals?: ArrivalState
}

/** $SLUICE_HOME/drift/MODEL.json, or MODEL.files.json for files that were looked at. */
export const driftStatePath = (home: string, model: string, isFile = false): string =>
  join(home, 'drift', `${model}${isFile ? '.files' : ''}.json`)

/** Throws UsageError when the file is damaged. */
export function readDriftState(path: string): DriftState | undefined {
  if (!existsSync(path)) return undefined
  try {
    // The files of earlier versions did not count looks.
    const state = JSON.parse(readFileSync(path, 'utf8')) as DriftState
    return { ...state, looks: state.looks ?? 0 }
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
  const looks = looksWith(old, version, window)
  const before = known === undefined ? {} : known.window === window ? known.before : known.now
  const held = new Map(Object.entries(before))
  const now = [...above].map(([name, isAbove]): [string, number] => [
    name,
    isAbove ? (held.get(name) ?? 0) + 1 : 0,
  ])
  return { ...known, version, looks, window, before, now: Object.fromEntries(now) }
}

/** The number of a window among those of its version that were judged, from 1. */
export function looksWith(old: DriftState | undefined, version: string, window: string): number {
  if (old?.version !== version) return 1
  return Math.max(1, old.looks + (old.window === window ? 0 : 1))
}
