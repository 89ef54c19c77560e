import type { Output } from '../base/console.ts'
import { UsageError } from '../base/errors.ts'
import type { Ctx } from '../cli/command.ts'
import { type Pipeline, runOpened } from '../cli/fused.ts'
import { tell } from '../cli/log.ts'
import { outcomeLines, outcomeText } from '../report/judging.ts'
import type { Judging } from '../report/judging-flags.ts'
import { makeReport, type Report } from '../report/trade-report.ts'
import { makeSink } from '../stream/sink.ts'
import type { Step } from '../stream/step.ts'
import type { ExecuteFlags } from '../trade/execute/execute-flags.ts'
import type { BacktestFlags } from './backtest-flags.ts'
import { prepareBacktest, stagesOf } from './backtest-stages.ts'
import { refuseUnrepeatable } from './repeatable.ts'

/** What runs when no pipeline is given. */
export const DEFAULT_PIPELINE = 'features | strategy | predict | gate | execute'

interface BacktestOptions extends Judging, Pick<BacktestFlags, 'write' | 'quiet'> {
  pipeline: string
  files: readonly string[]
}

/** Runs a pipeline over a recording in this process and tells what came of the trades. */
export async function runBacktest(
  options: BacktestOptions,
  ctx: Pick<Ctx, 'env' | 'signal'>,
  out: Output,
): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([ctx.signal, stop.signal])
  const stages = stagesOf(options.pipeline, options.files)
  const pipeline = await prepareBacktest(stages, { env: ctx.env, signal })
  const report = makeReport(cashOf(pipeline))
  await refuseUnrepeatable(stages, { env: ctx.env, signal })
  await runOpened(pipeline, {
    sink: makeSink(process.stdout, () => stop.abort()),
    signal,
    isQuiet: options.quiet,
    opened(stages) {
      const last = stages.at(-1)!
      last.step = watched(last.step, options.write, report)
    },
  })
  if (options.write === 'report') await out.write(outcomeLines(report, options))
  else if (!options.quiet) tell(outcomeText(report, options).trimEnd())
}

/** Cash that the account of the last step starts with. Throws UsageError without any. */
export function cashOf({ steps }: Pipeline): bigint {
  const { cash } = steps.at(-1)!.ctx.flags as unknown as ExecuteFlags
  if (cash <= 0n) throw new UsageError('execute: --cash: a backtest needs some')
  return cash
}

/** What leaves a backtest: only what execute writes, or also each line that it read, or nothing. */
type Written = BacktestFlags['write']

/**
 * The trading step with a report looking on: at every order, fill, position and mark. With `all`,
 * each line goes out before what it caused, whatever the batches were.
 */
function watched(step: Step, written: Written, report: Report): Step {
  return {
    ...step,
    async batch(lines, emit) {
      const look: typeof emit = line => {
        report.update(line.rec)
        if (written !== 'report') emit(line)
      }
      if (written !== 'all') await step.batch?.(lines, look)
      else
        for (const line of lines) {
          emit(line)
          await step.batch?.([line], look)
        }
    },
    // One span for everybody: the lines that leave say it, here and in a report on them.
    end: emit =>
      step.end?.(line => {
        report.update(line.rec)
        if (written !== 'report') emit(line)
      }),
  }
}
