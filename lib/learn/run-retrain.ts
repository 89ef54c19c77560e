import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { AlertTarget } from '../alerts/alerts.ts'
import type { Log, Output } from '../base/console.ts'
import { UsageError } from '../base/errors.ts'
import type { Bundle } from '../model/bundle.ts'
import type { writingFlags } from '../table/time-flags.ts'
import { isDue } from './due.ts'
import { takeLease } from './lease.ts'
import { BARS } from './promotion-judge.ts'
import { readRecipe, recipeRoots } from './recipe/model-recipe.ts'
import { knownUntil, type Recipe, recipeOf } from './recipe/recipe.ts'
import type { RetrainFlags } from './recipe/retrain-flags.ts'
import { type Loop, numbers, openLoop } from './retraining.ts'
import type { ReadMatured } from './rows/matured.ts'
import { type Labelled, readLabelled } from './rows/score-rows.ts'
import { closeKilled, trainStep } from './train-step.ts'
import { watchTrial } from './trial.ts'
import { watchProduction } from './watch-production.ts'

type Asked = Omit<
  RetrainFlags,
  'ifDue' | 'now' | 'guard' | 'at' | 'alertAccuracy' | 'alertDivergence' | keyof typeof writingFlags
> &
  Partial<Pick<RetrainFlags, keyof typeof writingFlags>>

export interface RetrainOptions extends AlertTarget, Asked {
  model: string
  /** Export folder or table of labelled rows. */
  data: string
  /** Time of this run: decides on the week and the cooldown and names the version. */
  at: number
  isManual: boolean
  /** Wall clock, for the lease only. */
  now(): number
  matured: ReadMatured
  log: Log
  /** Of this process; a trainer gets what a program needs of it. */
  env: Readonly<Record<string, string | undefined>>
  /** Ends a trainer. */
  signal: AbortSignal
}

/**
 * One look at a model: finish what a killed run left, guard production, judge the version on trial,
 * and train if it is due. Every decision is a row, printed and kept. Throws TemporaryError while
 * another run holds the lease.
 */
export async function runRetrain(options: RetrainOptions, out: Output): Promise<void> {
  const { home, model, data, matured, env, signal } = options
  const lease = takeLease(join(home, 'retrain', `${model}.lease`), options.lease, options.now)
  try {
    const loop = await openLoop({ ...options, lease, out })
    await closeKilled(loop)
    const production = loop.load(loop.aliases().production!).bundle
    const recipe = recipeFor(loop, production, options)
    const bundles = [production, ...othersInUse(loop)] as const
    const labelled = await readLabelled(data, recipe, bundles)
    const evidence = { labelled, matured, keepsDegraded: true }
    const health = await watchProduction(loop, options, evidence, options.guardRows)
    const onTrial = await watchTrial(loop, evidence, options)
    const newRows = newRowsOf(loop, labelled)
    const { trainedAt } = loop.state()
    // A version that took over in this run has not been measured yet.
    const isDegraded =
      health?.isDegraded === true && loop.aliases().production === production.version
    const facts = {
      at: options.at,
      isManual: options.isManual,
      isDegraded,
      newRows,
      trainedAt,
      onTrial,
    }
    const due = isDue(facts, options)
    if (due.trigger !== undefined)
      return await trainStep(loop, {
        trigger: due.trigger,
        recipe,
        rows: labelled.time.length,
        data,
        bundles,
        trainer: { home, env, signal, timeoutMs: options.trainerTimeout },
        rules: { ...BARS, ...options },
        log: options.log,
      })
    const measures = {
      newRows,
      liveRows: health?.rows,
      liveAccuracy: health?.accuracy,
      liveLoss: health?.loss,
    }
    const id = `job:${model}:${options.at}:skipped`
    const row = {
      id,
      ts: options.at,
      model,
      state: 'skipped',
      reason: due.reason,
      metrics: numbers(measures),
    }
    await loop.record('ml_training_jobs', row)
  } finally {
    lease.release()
  }
}

/**
 * What trains the next version: the command of the model’s own recipe, else `train` with the
 * settings of production. Throws UsageError for a command that may run longer than the lease.
 */
function recipeFor(loop: Loop, production: Bundle, options: RetrainOptions): Recipe {
  const roots = recipeRoots(options.models, options.home)
  const command = readRecipe(loop.model, roots, production.kind)?.trainer?.trim()
  if (command === undefined) return recipeOf(production, options, '')
  if (options.trainerTimeout >= options.lease)
    throw new UsageError('--trainer-timeout must be shorter than --lease: another run would begin')
  const { label, time, group, horizon, embargo, timeFormat, timeZone, decimal = '.' } = options
  const columns = { label, time, group, horizon, embargo }
  return { algo: 'trainer', command, ...columns, timeFormat, timeZone, decimal }
}

/** The versions on trial and before production, where they are still there. */
function othersInUse(loop: Loop): Bundle[] {
  const { production, ...others } = loop.aliases()
  return Object.values(others)
    .filter(version => existsSync(join(loop.dir, version, 'bundle.json')))
    .map(version => loop.load(version).bundle)
}

/**
 * Labelled rows since the last training; without one, since the data of the version in production
 * ends.
 */
function newRowsOf(loop: Loop, { time }: Labelled): number {
  const since =
    loop.state().trainedUntil ?? knownUntil(loop.load(loop.aliases().production!).bundle)
  return time.reduce((count, ts) => count + (ts > since ? 1 : 0), 0)
}
