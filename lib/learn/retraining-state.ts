import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../base/atomic-write.ts'
import { UsageError } from '../base/errors.ts'
import type { Aliases } from '../model/registry.ts'
import type { Trigger } from './due.ts'

/** What retraining of one model must remember between runs. */
export interface LearnState {
  /** A training that has begun; still there when it was killed. */
  job?: { at: number; version: string; trigger: Trigger }
  /** A change of aliases that is being made; made again when it was killed. */
  pending?: { row: { id: string; ts: number; [key: string]: unknown }; after: Aliases }
  trainedAt?: number
  /** Event time of the newest labelled row of the last training. */
  trainedUntil?: number
  /**
   * Event time of the newest labelled row when a version was put on trial; base rate of its
   * training rows where nothing was in production, a column per class or number.
   */
  trial?: { version: string; since: number; baseRate?: readonly number[] }
  /** Day (UTC) of the last alert by what it was about. */
  alerted?: Record<string, string>
  /** When a guard found production degraded; until the next training. */
  degradedAt?: number
}

/** $SLUICE_HOME/retrain/MODEL.json */
export const learnStatePath = (home: string, model: string): string =>
  join(home, 'retrain', `${model}.json`)

/** Throws UsageError when the file is damaged. */
export function readLearnState(path: string): LearnState {
  if (!existsSync(path)) return {}
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LearnState
  } catch {
    throw new UsageError(`${path}: not JSON; remove it, retraining starts its count anew`)
  }
}

/** Writes the state whole or not at all. */
export const writeLearnState = (path: string, state: LearnState): void =>
  replaceFile(path, `${JSON.stringify(state)}\n`)
