import type { Output } from '../base/console.ts'
import { UsageError } from '../base/errors.ts'
import type { Values } from '../base/flags.ts'
import { makeRng } from '../base/rng.ts'
import type { Ctx } from '../cli/command.ts'
import type { Pipeline } from '../cli/fused.ts'
import { tell } from '../cli/log.ts'
import { splitPipeline } from '../cli/pipeline.ts'
import { sourceSummary } from '../cli/prepare.ts'
import type { GATE_FLAGS } from '../decide/gate-flags.ts'
import type { Judging } from '../report/judging-flags.ts'
import type { Stage } from '../stream/run.ts'
import type { Step } from '../stream/step.ts'
import type { BacktestFlags } from './backtest-flags.ts'
import { type BacktestAround, prepareBacktest, stagesOf } from './backtest-stages.ts'
import { type Branch, openBranch, runBranches } from './branches.ts'
import { againstRandom, differenceOf, whyNoDraws } from './compared.ts'
import { type Comparison, comparisonLines, comparisonText } from './compared-text.ts'
import { drawEntries, type Entries, watchEntries } from './entries.ts'
import { refuseUnrepeatable } from './repeatable.ts'
import { cashOf } from './run-backtest.ts'
import { checkStages, unlessStopped } from './run-sweep.ts'

export interface BaselineOptions extends Judging, Pick<BacktestFlags, 'draws' | 'quiet'> {
  pipeline: string
  baseline: string
  files: readonly string[]
}

/**
 * Runs a pipeline and its baseline over the same recording, in one reading, and in a second one the
 * pipeline’s trading step with random entries; writes both, their difference and what chance does.
 */
export async function runBaseline(
  options: BaselineOptions,
  { env, signal }: Pick<Ctx, 'env' | 'signal'>,
  out: Output,
): Promise<void> {
  const around = { env, signal }
  const own = stagesOf(options.pipeline, options.files)
  const ready = await checkStages(own, around, '--baseline')
  const other = baselineOf(options.baseline, own)
  const cash = sameCash(ready, await checkStages(other, around, '--baseline'))
  if (options.draws > 0) refuseOnlyPassed(ready)
  for (const stages of [own, other]) await refuseUnrepeatable(stages, around)
  const made = await unlessStopped(compare(own, other, { options, around, cash }), signal)
  // Stopped by a signal: half a comparison would name a winner that is none.
  if (made === undefined) return
  await out.write(comparisonLines(made, options))
  if (!options.quiet) tell(comparisonText(made, options).trimEnd())
}

/** The stages of the baseline behind the source of the pipeline. Throws UsageError for another. */
function baselineOf(text: string, own: readonly string[][]): string[][] {
  const stages = splitPipeline(text)
  const source = own[0]!
  if (stages[0]![0] !== source[0]) return [source, ...stages]
  if (!isSame(stages[0]!, source))
    throw new UsageError(
      `--baseline: ${stages[0]!.join(' ')}: reads something else than ${source.join(' ')}; leave ` +
        'the source out, it reads the same recording',
    )
  return stages
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

function sameCash(one: Pipeline, other: Pipeline): bigint {
  const cash = cashOf(one)
  if (cashOf(other) !== cash)
    throw new UsageError('--baseline: execute --cash: expected the same cash in both pipelines')
  return cash
}

/** Lines that gate leaves out cannot be drawn: chance would choose among what was chosen. */
function refuseOnlyPassed({ steps }: Pipeline): void {
  const isWithout = steps.some(({ command, ctx }) => {
    const flags = ctx.flags as Partial<Values<typeof GATE_FLAGS>>
    return command.name === 'gate' && flags.onlyPassed === true
  })
  if (isWithout)
    throw new UsageError(
      'gate --only-passed: random entries are drawn among refused lines, too: leave it out, or ' +
        'say --draws 0',
    )
}

interface Around {
  options: BaselineOptions
  around: BacktestAround
  cash: bigint
}

async function compare(
  own: string[][],
  other: string[][],
  { options, around, cash }: Around,
): Promise<Comparison> {
  const shared = sharedBy(own, other)
  const span = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY }
  let entries = (): Entries => ({ candidates: 0, placed: [], span })
  const look = (step: Step): Step => {
    const watched = watchEntries(step)
    entries = watched.entries
    return watched.step
  }
  const first = await prepareBacktest(own, around)
  const { front, branches } = await runBranches(
    first,
    shared,
    [
      async () => openBranch(await prepareBacktest(own, around), shared, { look }),
      async () => openBranch(await prepareBacktest(other, around), shared, {}),
    ],
    around.signal,
  )
  if (!options.quiet) tellStages(first, front, branches)
  const [one, two] = branches.map(({ results }) => results()[0]!)
  const found = entries()
  const why = options.draws === 0 ? 'none were asked for' : whyNoDraws(found)
  return {
    runs: [
      { name: 'pipeline', stages: own, result: one! },
      { name: 'baseline', stages: other, result: two! },
    ],
    difference: differenceOf(one!, two!, found.span, options),
    random:
      why === undefined
        ? againstRandom(one!, found, await drawn(own, found, { options, around, cash }), cash)
        : { entries: found.placed.length, candidates: found.candidates, why },
  }
}

/** How many stages in front both have in common; the last one trades, and is never shared. */
function sharedBy(own: readonly string[][], other: readonly string[][]): number {
  const most = Math.min(own.length, other.length) - 1
  const apart = own.slice(0, most).findIndex((words, i) => !isSame(words, other[i]!))
  return apart < 0 ? most : apart
}

/** Runs with random entries, side by side in one reading: what leads to them is the same. */
async function drawn(
  own: string[][],
  entries: Entries,
  { options, around }: Around,
): Promise<Parameters<typeof againstRandom>[2]> {
  const counts: (() => number)[] = []
  const open = Array.from({ length: options.draws }, (_, i) => async (): Promise<Branch> => {
    const look = (step: Step): Step => {
      const made = drawEntries(step, entries, makeRng(`${options.seed}/random/${i}`))
      counts[i] = made.placed
      return made.step
    }
    // What stands in front is shared, so the last stage is a pipeline by itself.
    return openBranch(muted(await prepareBacktest(own.slice(-1), around)), 1, { look })
  })
  const front = muted(await prepareBacktest(own, around))
  const { branches } = await runBranches(front, own.length - 1, open, around.signal)
  return branches.map(({ results }, i) => ({ result: results()[0]!, placed: counts[i]!() }))
}

/** The first reading has said what there is to say of the lines. */
function muted(pipeline: Pipeline): Pipeline {
  const log = { info() {}, warn() {}, error() {} }
  for (const { ctx } of [pipeline.first, ...pipeline.steps]) ctx.log = log
  return pipeline
}

/** What each stage did: those that are shared, then those of each side. */
function tellStages(
  { first }: Pipeline,
  front: readonly Stage[],
  branches: readonly Branch[],
): void {
  tell(sourceSummary(first))
  const told = (stage: Stage, of: string): void =>
    tell(`${of}${stage.meter.summary(stage.name, stage.intake.refused())}`)
  for (const stage of front) told(stage, '')
  for (const [i, { stages }] of branches.entries())
    for (const stage of stages) told(stage, i === 0 ? 'pipeline: ' : 'baseline: ')
}
