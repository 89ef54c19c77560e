import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Log } from '../base/console.ts'
import { messageOf, UsageError } from '../base/errors.ts'
import type { Bundle, Kind } from '../model/bundle.ts'
import { runTrainNetwork } from '../train/networks/run-train-network.ts'
import { runTrain } from '../train/tabular/run-train.ts'
import type { Trigger } from './due.ts'
import { judgeOthers } from './other-heads.ts'
import { type Bars, deservesTrial, judge, type TrialRules } from './promotion-judge.ts'
import { knownUntil, type Recipe, type TrainerRecipe } from './recipe/recipe.ts'
import { type Loop, numbers } from './retraining.ts'
import { type Labelled, labelsOf, laterRows, readLabelled, scoreRows } from './rows/score-rows.ts'
import { runTrainer, type TrainerRun } from './run-trainer.ts'
import { takeBundle } from './take-bundle.ts'
import { measuresOf, recordComparison } from './trial.ts'

/**
 * A training that was killed: its row says so, its unfinished files go. Killed after its version
 * went on trial, it was done.
 */
export async function closeKilled(loop: Loop): Promise<void> {
  const { job } = loop.state()
  if (job === undefined) return
  if (loop.aliases().shadow === job.version) return loop.forget('job')
  const isUnfinished = (name: string): boolean =>
    (name.startsWith('.') && name.endsWith('.tmp')) || name === `${job.version}.checkpoint`
  for (const file of readdirSync(loop.dir).filter(isUnfinished))
    rmSync(join(loop.dir, file), { recursive: true, force: true })
  const { at, version, trigger } = job
  const head = {
    id: `job:${loop.model}:${at}:failed`,
    ts: loop.at,
    model: loop.model,
    version,
    trigger,
  }
  await loop.record('ml_training_jobs', {
    ...head,
    state: 'failed',
    startedAt: at,
    reason: 'killed',
  })
  loop.forget('job')
}

/** What a command that trains is given of the call. */
interface TrainerCall extends Pick<TrainerRun, 'timeoutMs' | 'env' | 'signal'> {
  home: string
}

export interface TrainStep {
  trigger: Trigger
  data: string
  recipe: Recipe
  /** What is trained has to be of this kind. */
  kind?: Kind
  /** Labelled rows at the start. */
  rows: number
  /** The version in production, if there is one, then others that are in use. */
  bundles: readonly Bundle[]
  trainer: TrainerCall
  rules: Bars & Pick<TrialRules, 'acceptUnderpowered'>
  log: Log
}

/** A version that was made, and the labelled rows as it and those in use read them. */
export interface Made {
  version: string
  bundle: Bundle
  labelled: Labelled
}

/**
 * Trains a new version, compares it with production on rows later than both have seen, and puts it
 * on trial if it deserves that.
 */
export async function trainStep(
  loop: Loop,
  step: TrainStep,
  decide: (loop: Loop, made: Made, step: TrainStep) => Promise<void> = againstProduction,
): Promise<void> {
  const made = await makeVersion(loop, step)
  await decide(loop, made, step)
  loop.remember({ trainedUntil: made.labelled.newest })
  loop.forget('job')
  loop.forget('degradedAt')
}

/** Trains; a row says that it began, and one how it ended. Throws what training throws. */
async function makeVersion(loop: Loop, step: TrainStep): Promise<Made> {
  const { trigger, recipe, rows, kind } = step
  const version = nextVersion(loop)
  const head = { ts: loop.at, model: loop.model, version, trigger, startedAt: loop.at }
  const id = (state: string): string => `job:${loop.model}:${loop.at}:${state}`
  loop.remember({ job: { at: loop.at, version, trigger }, trainedAt: loop.at })
  await loop.record('ml_training_jobs', {
    id: id('started'),
    ...head,
    state: 'started',
    rows,
    ...(recipe.algo === 'trainer' ? {} : { seed: String(recipe.seed) }),
  })
  let labelled: Labelled
  let bundle: Bundle
  try {
    const taken =
      recipe.algo === 'trainer' ? await trainElsewhere(loop, version, step, recipe) : undefined
    if (recipe.algo !== 'trainer') await train({ ...step, recipe }, join(loop.dir, version))
    bundle = loop.load(version).bundle
    if (kind !== undefined && bundle.kind !== kind)
      throw new UsageError(`its bundle is of kind ${bundle.kind}, the recipe says ${kind}`)
    labelled = taken ?? (await rowsAfter(step, bundle))
  } catch (error) {
    const reason = messageOf(error).slice(0, 500)
    await loop.record('ml_training_jobs', { id: id('failed'), ...head, state: 'failed', reason })
    loop.forget('job')
    throw error
  }
  const test = bundle.metrics
    .filter(metric => metric.part === 'test')
    .map(({ name, value }) => [name, value])
  await loop.record('ml_training_jobs', {
    id: id('finished'),
    ...head,
    state: 'finished',
    rows,
    dataHash: bundle.data.hash,
    metrics: numbers(Object.fromEntries(test)),
  })
  return { version, bundle, labelled }
}

/**
 * The rows as the new version and those in use read them. By a recipe the columns of each version
 * are found by name: it may have been changed since the one in production was trained.
 */
function rowsAfter({ recipe, kind, bundles, data }: TrainStep, bundle: Bundle): Promise<Labelled> {
  const [first = bundle, ...rest] = bundles
  const byName =
    kind === undefined || recipe.algo === 'trainer' || recipe.algo === 'network'
      ? recipe
      : { ...recipe, features: undefined }
  return readLabelled(data, byName, [first, ...rest, bundle])
}

/**
 * Has a command write the new version beside the others, and takes it if it is one. What it printed
 * stays in $SLUICE_HOME/retrain/logs. Returns the rows as the new version and those in use read
 * them.
 */
async function trainElsewhere(
  { model, dir }: Loop,
  version: string,
  { data, bundles, trainer }: TrainStep,
  recipe: TrainerRecipe,
): Promise<Labelled> {
  const { home, ...call } = trainer
  const beside = join(dir, `.${version}.trainer.tmp`)
  const bundle = join(beside, model, version)
  const log = join(home, 'retrain', 'logs', `${model}@${version}.log`)
  mkdirSync(dirname(bundle), { recursive: true })
  try {
    await runTrainer({ ...call, command: recipe.command, cwd: dir, data, bundle, log })
    return await takeBundle({ from: bundle, to: join(dir, version), data, recipe, bundles })
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

type OwnStep = TrainStep & { recipe: Exclude<Recipe, TrainerRecipe> }

async function train({ data, recipe, log }: OwnStep, dir: string): Promise<void> {
  const out = { write: async () => undefined }
  if (recipe.algo !== 'network') return runTrain(data, { ...recipe, out: dir }, { out, log })
  const signal = new AbortController().signal
  return runTrainNetwork(data, { ...recipe, out: dir }, { out, log, signal })
}

/** Compares with production and puts on trial, or says why not. */
async function againstProduction(
  loop: Loop,
  { version, labelled }: Made,
  { recipe, rules }: TrainStep,
): Promise<void> {
  const champion = loop.load(loop.aliases().production!)
  const challenger = loop.load(version)
  const after =
    Math.max(knownUntil(champion.bundle), knownUntil(challenger.bundle)) + recipe.horizon
  const rows = laterRows(labelled, after)
  if (rows.length < 2)
    return refuse(loop, version, 'no later rows to compare on', { rows: rows.length })
  const paired = {
    aim: labelled.aim,
    labels: labelsOf(labelled, rows),
    champion: await scoreRows(champion, labelled, rows),
    challenger: await scoreRows(challenger, labelled, rows),
  }
  for (const [who, said] of [
    ['production', paired.champion],
    ['it', paired.challenger],
  ] as const) {
    const silent = rows.filter((_, i) => said.some(column => !Number.isFinite(column[i]))).length
    if (silent > 0)
      return refuse(
        loop,
        version,
        `${who} gives no number for ${silent} of ${rows.length} later rows`,
        {
          rows: rows.length,
          silent,
        },
      )
  }
  const found = judge(paired, challenger.bundle.heads[0]?.threshold ?? 0.5, version, rules)
  await recordComparison(
    loop,
    'later',
    version,
    found,
    Float64Array.from(rows, i => labelled.time[i]!),
  )
  const { yes, reason } = deservesTrial(found, rules)
  const others = await judgeOthers({ champion, challenger, labelled, rows, rules })
  const gains = others.map(({ name, found: { gain } }) => [`${name}Gain`, gain])
  const metrics = numbers({ ...measuresOf(found), ...Object.fromEntries(gains) })
  if (!yes) return refuse(loop, version, reason, metrics)
  const lost = others.find(other => other.found.verdict === 'worse')
  if (lost !== undefined)
    return refuse(loop, version, `its ${lost.name} is worse than production’s`, metrics)
  await loop.change('shadow', { ...loop.aliases(), shadow: version }, reason, metrics)
  loop.remember({ trial: { version, since: labelled.newest } })
}

/** A row that says why a version does not go on trial. */
export const refuse = (
  loop: Loop,
  version: string,
  reason: string,
  metrics: Record<string, number>,
): Promise<void> =>
  loop.record('promotions', {
    id: `promotion:${loop.model}:${loop.at}:refuse`,
    ts: loop.at,
    model: loop.model,
    action: 'refuse',
    to: version,
    by: 'retrain',
    reason,
    metrics,
  })

/** `2026-11-21.1`: the day and the first number that is free. */
export function nextVersion({ dir, at }: Loop): string {
  const day = new Date(at).toISOString().slice(0, 10)
  const taken = new Set(readdirSync(dir))
  let n = 1
  while (taken.has(`${day}.${n}`)) n++
  return `${day}.${n}`
}
