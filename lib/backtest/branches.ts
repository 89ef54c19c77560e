import { openStage, openStages } from '../cli/prepare.ts'
import { makeIntake } from '../stream/intake.ts'
import type { Line } from '../stream/line.ts'
import { DeferredLine, deferLine } from '../stream/line.ts'
import { makeMeter } from '../stream/meter.ts'
import { deliver, finish, pump, type Stage } from '../stream/run.ts'
import type { Sink } from '../stream/sink.ts'
import { timed } from '../stream/timed-step.ts'
import { prepareBacktest } from './backtest-stages.ts'
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

/**
 * Runs combinations side by side in one reading: what they share is computed once, and each gets
 * its own copy of every line.
 */
export async function runShare(
  share: Share,
  around: Parameters<typeof prepareBacktest>[1],
): Promise<CombinationResult[]> {
  const { first, steps } = await prepareBacktest(share.stages, around)
  const branches: Awaited<ReturnType<typeof openBranch>>[] = []
  const source = first.command.kind === 'source' ? await first.command.make(first.ctx) : undefined
  if (source === undefined) throw new Error('a sweep needs a source')
  try {
    for (const { index, combination } of share.combinations)
      branches.push(await openBranch(share, index, combination, around))
    const front = await openStages(steps.slice(0, share.shared - 1))
    await pump(
      source.lines(around.signal),
      [...front, forkStage(branches.map(({ stages }) => stages))],
      NOWHERE,
      true,
    )
    around.signal.throwIfAborted()
  } finally {
    await source.close?.()
    for (const { stages } of branches) for (const { step } of stages) await step.close?.()
    for (const each of [first, ...steps, ...branches.flatMap(({ own }) => own)])
      each.rejects.close()
  }
  return branches.map(({ index, results }) => ({ index, folds: results() }))
}

async function openBranch(
  { stages: words, shared, ends }: Share,
  index: number,
  combination: Combination,
  around: Parameters<typeof prepareBacktest>[1],
) {
  const pipeline = await prepareBacktest(applied(words, combination), around)
  const own = pipeline.steps.slice(shared - 1)
  const trading = own.at(-1)!
  const stages = await openStages(own.slice(0, -1))
  const { step, results } = makeFolded(
    async () => (await openStage(trading)).step,
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
  return { index, own, stages, results }
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
