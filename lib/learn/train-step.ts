import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../base/console.ts'
import { messageOf } from '../base/errors.ts'
import { runTrainNetwork } from '../train/networks/run-train-network.ts'
import { runTrain } from '../train/tabular/run-train.ts'
import type { Trigger } from './due.ts'
import { deservesTrial, judge } from './promotion-judge.ts'
import { knownUntil, type Recipe } from './recipe.ts'
import { type Loop, numbers } from './retraining.ts'
import { type Labelled, labelsOf, laterRows, scoreRows } from './score-rows.ts'
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

interface TrainStep {
  trigger: Trigger
  data: string
  recipe: Recipe
  labelled: Labelled
  log: Log
}

/**
 * Trains a new version, compares it with production on rows later than both have seen, and puts it
 * on trial if it deserves that.
 */
export async function trainStep(loop: Loop, step: TrainStep): Promise<void> {
  const { trigger, labelled, recipe } = step
  const version = nextVersion(loop)
  const job = { at: loop.at, version, trigger }
  const head = { ts: loop.at, model: loop.model, version, trigger, startedAt: loop.at }
  const id = (state: string): string => `job:${loop.model}:${loop.at}:${state}`
  const rows = labelled.time.length
  loop.remember({ job, trainedAt: loop.at })
  await loop.record('ml_training_jobs', {
    id: id('started'),
    ...head,
    state: 'started',
    rows,
    seed: String(recipe.seed),
  })
  try {
    await train(step, join(loop.dir, version))
  } catch (error) {
    const reason = messageOf(error).slice(0, 500)
    await loop.record('ml_training_jobs', { id: id('failed'), ...head, state: 'failed', reason })
    loop.forget('job')
    throw error
  }
  const { bundle } = loop.load(version)
  const test = bundle.metrics
    .filter(metric => metric.part === 'test')
    .map(({ name, value }) => [name, value])
  const made = { dataHash: bundle.data.hash, metrics: numbers(Object.fromEntries(test)) }
  await loop.record('ml_training_jobs', {
    id: id('finished'),
    ...head,
    state: 'finished',
    rows,
    ...made,
  })
  await decide(loop, version, labelled, recipe.horizon)
  loop.remember({ trainedUntil: labelled.newest })
  loop.forget('job')
}

async function train({ data, recipe, log }: TrainStep, dir: string): Promise<void> {
  const out = { write: async () => undefined }
  if (recipe.algo !== 'network') return runTrain(data, { ...recipe, out: dir }, { out, log })
  const signal = new AbortController().signal
  return runTrainNetwork(data, { ...recipe, out: dir }, { out, log, signal })
}

/** Compares and puts on trial, or says why not. */
async function decide(
  loop: Loop,
  version: string,
  labelled: Labelled,
  horizonMs: number,
): Promise<void> {
  const champion = loop.load(loop.aliases().production!)
  const challenger = loop.load(version)
  const after = Math.max(knownUntil(champion.bundle), knownUntil(challenger.bundle)) + horizonMs
  const rows = laterRows(labelled, after)
  const refuse = (reason: string, metrics: Record<string, number>): Promise<void> =>
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
  if (rows.length < 2) return refuse('no later rows to compare on', { rows: rows.length })
  const paired = {
    aim: labelled.aim,
    labels: labelsOf(labelled, rows),
    champion: await scoreRows(champion, labelled, rows),
    challenger: await scoreRows(challenger, labelled, rows),
  }
  const found = judge(paired, challenger.bundle.heads[0]?.threshold ?? 0.5, version)
  await recordComparison(
    loop,
    'later',
    version,
    found,
    Float64Array.from(rows, i => labelled.time[i]!),
  )
  const { yes, reason } = deservesTrial(found)
  const metrics = numbers(measuresOf(found))
  if (!yes) return refuse(reason, metrics)
  await loop.change('shadow', { ...loop.aliases(), shadow: version }, reason, metrics)
  loop.remember({ trial: { version, since: labelled.newest } })
}

/** `2026-11-21.1`: the day and the first number that is free. */
function nextVersion({ dir, at }: Loop): string {
  const day = new Date(at).toISOString().slice(0, 10)
  const taken = new Set(readdirSync(dir))
  let n = 1
  while (taken.has(`${day}.${n}`)) n++
  return `${day}.${n}`
}
