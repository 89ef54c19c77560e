import { wallClock } from '../base/clock.ts'
import type { Intake } from './intake.ts'
import type { Line } from './line.ts'
import { DeferredLine } from './line.ts'
import type { Meter } from './meter.ts'
import type { Sink } from './sink.ts'
import type { Emit, Step } from './step.ts'

/** A step with what surrounds it: its name, its checks, its counters. */
export interface Stage {
  name: string
  step: Step
  intake: Intake
  meter: Meter
}

interface Fed {
  out: Line[]
  error?: unknown
}

/**
 * Moves batches from a source through the stages to the sink. One stage is a command of a shell
 * pipe, several are a fused run: the same steps, the same bytes, nothing serialised in between.
 *
 * Lines read from stdin have been checked by the first stage’s intake; what a source or an earlier
 * stage emits is checked by the stage that reads it. What was produced before an error leaves
 * before the error is thrown. Stages are always closed.
 */
export async function pump(
  source: AsyncIterable<Line[]>,
  stages: readonly Stage[],
  sink: Sink,
  isUnchecked = false,
): Promise<void> {
  const checked = isUnchecked ? -1 : 0
  const [first] = stages
  try {
    for await (const batch of first?.step.feed?.(source) ?? source) {
      await deliver(batch, stages, 0, sink, checked)
      if (sink.isClosed() && first?.step.feed === undefined) break
    }
    if (!sink.isClosed()) await finish(stages, sink)
  } finally {
    await closeAll(stages)
  }
}

/** Takes a batch through the stages from one of them on, and what comes out to the sink. */
export async function deliver(
  batch: Line[],
  stages: readonly Stage[],
  from: number,
  sink: Sink,
  checked = 0,
): Promise<void> {
  const startedAt = wallClock.monotonic()
  const fed: Fed = { out: batch }
  for (let i = from; i < stages.length; i++) {
    const stage = stages[i]!
    const result = await feed(stage, fed.out, i > checked)
    fed.out = result.out
    if ('error' in result) fed.error ??= result.error
  }
  await sink.lines(fed.out)
  const ms = wallClock.monotonic() - startedAt
  if (batch.length > 0) for (const stage of stages) stage.meter.took(ms)
  if ('error' in fed) throw fed.error
}

/** Gives a batch to one stage. What it emitted before an error is kept. */
async function feed(stage: Stage, batch: Line[], isLater: boolean): Promise<Fed> {
  const out: Line[] = []
  const emit: Emit = line => {
    out.push(line)
  }
  const { step, intake, meter } = stage
  meter.in += batch.length
  try {
    const lines = isLater ? batch.filter(intake.admit) : batch
    if (step.batch) await step.batch(lines, emit)
    else if (step.line) eachLine(step, intake, lines, emit)
  } catch (error) {
    meter.out += out.length
    return { out, error }
  }
  meter.out += out.length
  return { out }
}

function eachLine(step: Step, intake: Intake, lines: readonly Line[], emit: Emit): void {
  for (const line of lines) {
    const raw = line instanceof DeferredLine ? undefined : line.raw
    try {
      step.line?.(line, emit)
    } catch (error) {
      intake.refuse(error, raw ?? line.raw, line.no)
    }
  }
}

/** Ends the stages front to back, each seeing what the ones before it emitted at their end. */
export async function finish(stages: readonly Stage[], sink: Sink): Promise<void> {
  for (let i = 0; i < stages.length; i++) {
    const stage = stages[i]!
    if (i > 0) stage.intake.finish()
    const out: Line[] = []
    await stage.step.end?.(line => {
      out.push(line)
    })
    stage.meter.out += out.length
    if (out.length > 0) await deliver(out, stages, i + 1, sink)
  }
}

async function closeAll(stages: readonly Stage[]): Promise<void> {
  const failures: unknown[] = []
  for (const stage of stages) {
    try {
      await stage.step.close?.()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
