import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Log, Output } from '../base/console.ts'
import { TemporaryError, UsageError } from '../base/errors.ts'
import { type LoadedBundle, readBundle } from '../model/files.ts'
import {
  type Aliases,
  adopt,
  type Change,
  listModels,
  modelRoots,
  readAliases,
  writeAliases,
} from '../model/registry.ts'
import type { ReportTable } from '../records/report-rows.ts'
import { appendRow } from '../store/journal/rows.ts'
import { encode } from '../stream/encode.ts'
import type { Lease } from './lease.ts'
import type { RetrainFlags } from './recipe/retrain-flags.ts'
import {
  type LearnState,
  learnStatePath,
  readLearnState,
  writeLearnState,
} from './retraining-state.ts'

/**
 * One model in retraining: its folder, what is remembered of it, and the only ways to change
 * either.
 */
export interface Loop {
  model: string
  dir: string
  at: number
  state(): LearnState
  remember(change: Partial<LearnState>): void
  forget(key: keyof LearnState): void
  aliases(): Aliases
  load(version: string): LoadedBundle
  /** Appends a row to its table and prints it. */
  record(table: ReportTable, row: Row): Promise<void>
  /**
   * Changes aliases with a row that says why; made again at the next start when it is killed
   * halfway.
   */
  change(
    action: Action,
    after: Aliases,
    reason: string,
    metrics: Record<string, number>,
  ): Promise<void>
}

type Row = { id: string; ts: number; [key: string]: unknown }
type Action = 'shadow' | 'promote' | 'rollback' | 'retire' | 'withdraw'

interface LoopOptions extends Pick<RetrainFlags, 'models'> {
  home: string
  model: string
  at: number
  lease: Lease
  /** There may be no version in production yet. */
  mayBeNew?: boolean
  out: Output
  log: Log
}

/**
 * Opens the loop of a model with a version in production (or on the way there), and finishes what a
 * killed run left. Throws UsageError without one.
 */
export async function openLoop(options: LoopOptions): Promise<Loop> {
  const { home, model, at, lease } = options
  const dir = ownFolder(options)
  const path = learnStatePath(home, model)
  let state = readLearnState(path)
  const save = (next: LearnState): void => {
    if (!lease.isMine()) throw new TemporaryError(`another retraining of ${model} has taken over`)
    writeLearnState(path, next)
    state = next
  }
  const forget = (key: keyof LearnState): void => {
    const { [key]: _, ...rest } = state
    save(rest)
  }
  const record = async (table: ReportTable, row: Row): Promise<void> => {
    appendRow(home, table, row)
    await options.out.write(`${encode({ table, ...row })}\n`)
  }
  const finish = async ({ row, after }: NonNullable<LearnState['pending']>): Promise<void> => {
    await record('promotions', row)
    const before = readAliases(dir)
    const how = { at: row.ts, action: actionOf(row.action as Action), reason: String(row.reason) }
    if (JSON.stringify(before) !== JSON.stringify(after))
      writeAliases(dir, { ...how, before, after })
    forget('pending')
  }
  if (state.pending !== undefined) await finish(state.pending)
  return {
    model,
    dir,
    at,
    record,
    forget,
    state: () => state,
    remember: change => save({ ...state, ...change }),
    aliases: () => readAliases(dir),
    load: version => readBundle(join(dir, version)),
    async change(action, after, reason, metrics) {
      const before = readAliases(dir)
      const [from, to] = versionsOf(action, before, after)
      const id = `promotion:${model}:${at}:${action}`
      const versions = {
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      }
      const row = { id, ts: at, model, action, ...versions, by: 'retrain', reason, metrics }
      save({ ...state, pending: { row, after } })
      await finish({ row, after })
    },
  }
}

const actionOf = (action: Action): Change['action'] =>
  action === 'promote' || action === 'rollback' ? action : 'alias'

/**
 * What the action was about: the version on trial for shadow and retire, production for the others.
 */
function versionsOf(
  action: Action,
  before: Aliases,
  after: Aliases,
): [string | undefined, string | undefined] {
  const alias = action === 'shadow' || action === 'retire' ? 'shadow' : 'production'
  return [before[alias], after[alias]]
}

/**
 * The folder of the model below the first root. The versions of a shipped model that are in use are
 * copied there before it is trained further: the folder of the program is not ours to write to.
 */
function ownFolder({ models, home, model, mayBeNew = false }: LoopOptions): string {
  const roots = modelRoots(models, home)
  const entry = listModels(roots).get(model)
  const production = entry?.aliases.production
  if (mayBeNew && entry === undefined) {
    const dir = join(roots[0]!, model)
    mkdirSync(dir, { recursive: true })
    return dir
  }
  if (entry === undefined || (production === undefined && !mayBeNew))
    throw new UsageError(
      `${model} has no version in production; train one, then: sluice models promote ` +
        `${model}@VERSION`,
    )
  return adopt(entry, roots[0]!)
}

/** Numbers of a row: those that are known. */
export const numbers = (values: Record<string, number | undefined>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => Number.isFinite(value)),
  ) as Record<string, number>
