import { cpus } from 'node:os'
import type { Output } from '../base/console.ts'
import { UsageError } from '../base/errors.ts'
import type { Ctx } from '../cli/command.ts'
import type { Pipeline } from '../cli/fused.ts'
import { type Overfitting, overfittingOf } from '../maths/overfitting.ts'
import { luckySharpe, surerThan } from '../maths/sharpe.ts'
import type { Judging } from '../report/judging-flags.ts'
import { returnsOf } from '../report/performance.ts'
import { encode } from '../stream/encode.ts'
import type { BacktestFlags } from './backtest-flags.ts'
import { prepareBacktest, stagesOf } from './backtest-stages.ts'
import type { CombinationResult } from './branches.ts'
import { foldEnds } from './fold-ends.ts'
import type { FoldResult } from './folded.ts'
import { applied, type Combination, combinationsOf, parseAxis, sharedStages } from './grid.ts'
import { refuseUnrepeatable } from './repeatable.ts'
import { bestOf, figuresOf, namesOf, scoreOf, skillOf } from './scores.ts'
import { runOnThreads } from './threads.ts'
import { walkForward } from './walk-forward.ts'

export interface SweepOptions extends Judging, Pick<BacktestFlags, 'folds' | 'by' | 'threads'> {
  pipeline: string
  files: readonly string[]
  axes: readonly string[]
}

/**
 * Tries every combination of flags over one recording; with folds, chooses on each and judges on
 * the next.
 */
export async function runSweep(
  options: SweepOptions,
  { env, signal }: Pick<Ctx, 'env' | 'signal'>,
  out: Output,
): Promise<void> {
  const stages = stagesOf(options.pipeline, options.files)
  const axes = options.axes.map(parseAxis)
  const combinations = combinationsOf(axes)
  const around = { env, signal }
  // Every call is checked before the first line is read: a sweep must not fail at its last
  // combination.
  for (const combination of combinations)
    await checkStages(applied(stages, combination), around, 'a sweep')
  for (const combination of combinations)
    if (axes.some(({ stage }) => stage === 'exec') || combination === combinations[0])
      await refuseUnrepeatable(applied(stages, combination), around)
  const shared = sharedStages(stages, axes)
  if (shared === 0) throw new UsageError('--sweep: the source cannot be swept')
  const ends = options.folds > 0 ? await foldEnds(stages, options.folds, around) : []
  const share = {
    stages,
    shared,
    ends,
    combinations: combinations.map((combination, index) => ({ index, combination })),
  }
  const results = await unlessStopped(
    runOnThreads(share, options.threads ?? cpus().length, signal),
    signal,
  )
  // Stopped by a signal: half a sweep would name a best that is none.
  if (results === undefined) return
  const lines =
    ends.length > 0
      ? walkForward(results, combinations, options)
      : sweepLines(results, combinations, options)
  await out.write(lines.map(line => `${encode(line)}\n`).join(''))
}

/** What was made; undefined when the signal ended it. */
export async function unlessStopped<T>(
  made: Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await made
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/**
 * Prepares the stages of `what` (“a sweep”), which has to start with something that can be read
 * again. Throws UsageError.
 */
export async function checkStages(
  stages: string[][],
  around: Parameters<typeof prepareBacktest>[1],
  what: string,
): Promise<Pipeline> {
  const pipeline = await prepareBacktest(stages, around)
  if (!pipeline.hasSource)
    throw new UsageError(
      `${what} reads its input more than once: name it with --on, or start with discover`,
    )
  if (pipeline.first.ctx.args.includes('-'))
    throw new UsageError(`${what} reads its input more than once: a file, not stdin`)
  return pipeline
}

/**
 * One line per combination, in the order of the grid, then what the best of them is worth after so
 * many trials.
 */
function sweepLines(
  results: readonly CombinationResult[],
  combinations: readonly Combination[],
  options: SweepOptions,
): object[] {
  const { period: periodMs, by } = options
  const wholes = results.map(({ folds }) => folds[0]!)
  const lines = wholes.map((whole, index) => ({
    of: 'combination',
    index,
    set: namesOf(combinations[index]!),
    ...figuresOf(whole, options),
  }))
  const best = bestOf(wholes.map(whole => scoreOf(whole, by, periodMs)))
  const found = best === undefined ? undefined : { best, set: namesOf(combinations[best]!) }
  const skills = wholes.map(whole => skillOf(whole, periodMs))
  const skill = best === undefined ? undefined : skills[best]
  const overfitting = overfittingIn(wholes, periodMs)
  const ratios = skills.flatMap(one => (one === undefined ? [] : [one.sharpe]))
  return [
    ...lines,
    {
      of: 'sweep',
      trials: results.length,
      by,
      ...found,
      ...(skill && deflated(skill, ratios, results.length)),
      ...(overfitting && { overfitting }),
    },
  ]
}

/** How often the best in half of the time was none in the other; all over the same periods. */
function overfittingIn(wholes: readonly FoldResult[], periodMs: number): Overfitting | undefined {
  const spans = wholes.map(({ span }) => span).filter(({ from, to }) => to >= from)
  const from = Math.min(...spans.map(span => span.from))
  const to = Math.max(...spans.map(span => span.to))
  if (!(to >= from)) return undefined
  return overfittingOf(wholes.map(whole => returnsOf(whole, { from, to, periodMs }).returns))
}

/**
 * What is left of the best Sharpe ratio once it is known to be the best of so many: the ratio that
 * luck alone would have reached, and the probability that the true one is above it (Bailey & López
 * de Prado 2014). Ratios per period.
 */
function deflated(
  skill: NonNullable<ReturnType<typeof skillOf>>,
  ratios: readonly number[],
  trials: number,
): object {
  const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length
  const variance =
    ratios.length < 2
      ? 0
      : ratios.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (ratios.length - 1)
  const lucky = luckySharpe(trials, variance)
  const probability = surerThan(lucky, skill.sharpe, skill)
  return {
    sharpe: skill.sharpe,
    luckySharpe: lucky,
    ...(Number.isFinite(probability) && { deflatedSharpe: probability }),
  }
}
