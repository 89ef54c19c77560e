import { counted, type Pipeline } from '../cli/fused.ts'
import { openStage, openStages, type Prepared } from '../cli/prepare.ts'
import { makeIntake } from '../stream/intake.ts'
import type { Line } from '../stream/line.ts'
import { DeferredLine, deferLine } from '../stream/line.ts'
import { makeMeter } from '../stream/meter.ts'
import { deliver, finish, pump, type Stage } from '../stream/run.ts'
import type { Sink } from '../stream/sink.ts'
import type { Step } from '../stream/step.ts'
import { timed } from '../stream/timed-step.ts'
import { type BacktestAround, prepareBacktest } from './backtest-stages.ts'
import { type FoldResult, makeFolded } from './folded.ts'
import { applied, type Combination } from './grid.ts'
import { cashOf } from './run-backtest.ts'

/** Combinations to run, all over the same recording. */
export interface Share {
  stages: string[][]
  /** Stages in front, the source counted, that no combination changes. */
  shared: number
  combinations: { index: number; combination: Combination }[]
  /** Where each fold but the last ends. */
  ends: readonly number[]
}

export interface CombinationResult {
  index: number
  folds: FoldResult[]
}

const NOWHERE: Sink = { write: () => undefined, lines: () => undefined, isClosed: () => false }

/** Stages behind the shared ones, the last of which trades, and what came of it. */
export interface Branch {
  own: readonly Prepared[]
  stages: Stage[]
  results(): FoldResult[]
}

/**
 * Runs combinations side by side in one reading: what they share is computed once, and each gets
 * its own copy of every line.
 */
export async function runShare(
  { stages, shared, combinations, ends }: Share,
  around: BacktestAround,
): Promise<CombinationResult[]> {
  const open = combinations.map(({ combination }) => async () => {
    const pipeline = await prepareBacktest(applied(stages, combination), around)
    return openBranch(pipeline, shared, { ends })
  })
  const { branches } = await runBranches(
    await prepareBacktest(stages, around),
    shared,
    open,
    around.signal,
  )
  return branches.map(({ results }, i) => ({ index: combinations[i]!.index, folds: results() }))
}

/**
 * Reads the source of a pipeline once, through its first `shared` stages (the source counted), and
 * hands each line to every branch. Gives the stages that were shared, and the branches. Throws
 * when the signal has fired.
 */
export async function runBranches(
  { first, steps }: Pipeline,
  shared: number,
  open: readonly (() => Promise<Branch>)[],
  signal: AbortSignal,
): Promise<{ front: readonly Stage[]; branches: readonly Branch[] }> {
  const branches: Branch[] = []
  let front: Stage[] = []
  const source = first.command.kind === 'source' ? await first.command.make(first.ctx) : undefined
  if (source === undefined) throw new Error('branches need a source')
  try {
    for (const openOne of open) branches.push(await openOne())
    front = await openStages(steps.slice(0, shared - 1))
    await pump(
      counted(source.lines(signal), first),
      [...front, forkStage(branches.map(({ stages }) => stages))],
      NOWHERE,
      true,
    )
    signal.throwIfAborted()
  } finally {
    await source.close?.()
    for (const { stages } of branches) for (const { step } of stages) await step.close?.()
    for (const each of [first, ...steps, ...branches.flatMap(({ own }) => own)])
      each.rejects.close()
  }
  return { front, branches }
}

/** Opens what comes behind the shared stages; `look` may put something around the trading step. */
export async function openBranch(
  pipeline: Pipeline,
  shared: number,
  { ends = [], look = step => step }: { ends?: readonly number[]; look?(step: Step): Step },
): Promise<Branch> {
  const own = pipeline.steps.slice(shared - 1)
  const trading = own.at(-1)!
  const stages = await openStages(own.slice(0, -1))
  const { step, results } = makeFolded(
    async () => look((await openStage(trading)).step),
    cashOf(pipeline),
    ends,
  )
  stages.push({
    name: 'execute',
    // It counts for itself; here only the ends of folds hang on time.
    step: timed(step, trading.ctx.makeTime(), { count() {}, warn() {} }),
    intake: makeIntake([], trading.rejects.policy),
    meter: trading.meter,
  })
  return { own, stages, results }
}

/**
 * A last stage that hands each line on to every branch. Parts are never changed in place, so a copy
 * of the line will do.
 */
const forkStage = (branches: readonly (readonly Stage[])[]): Stage => ({
  name: 'sweep',
  meter: makeMeter(),
  intake: makeIntake([], { skip: false, max: 0, reject() {} }),
  step: {
    async batch(lines) {
      for (const stages of branches) await deliver(lines.map(copyOf), stages, 0, NOWHERE, -1)
    },
    async end() {
      for (const stages of branches) await finish(stages, NOWHERE)
    },
  },
})

const copyOf = (line: Line): Line =>
  line instanceof DeferredLine
    ? deferLine({ ...line.rec })
    : {
        raw: line.raw,
        rec: { ...line.rec },
        checked: line.checked && new Set(line.checked),
        no: line.no,
      }
