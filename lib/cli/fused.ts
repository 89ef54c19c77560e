import { UsageError } from '../base/errors.ts'
import { didYouMean } from '../base/suggest.ts'
import type { Line } from '../stream/line.ts'
import { readLines } from '../stream/reader.ts'
import { pump, type Stage } from '../stream/run.ts'
import { makeSink } from '../stream/sink.ts'
import type { Command, Ctx, Registry } from './command.ts'
import { tell } from './log.ts'
import { extended } from './named-plugins.ts'
import { splitPipeline } from './pipeline.ts'
import { openStages, type Prepared, prepare, sourceSummary, tellHome } from './prepare.ts'

/** Runs a pipeline text in this process, from a source or from stdin, to stdout. */
export async function runPipeline(text: string, registry: Registry, ctx: Ctx): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([ctx.signal, stop.signal])
  const around = { env: ctx.env, commands: Object.keys(registry), signal, isDeterministic: true }
  const pipeline = checkPipeline(await preparePipeline(splitPipeline(text), registry, around))
  const sink = makeSink(process.stdout, () => stop.abort())
  await runOpened(pipeline, { sink, signal, isQuiet: ctx.flags.quiet === true })
}

/** A pipeline that can run in one process: perhaps a source, then steps. */
export interface Pipeline {
  first: Prepared
  steps: Prepared[]
  hasSource: boolean
}

/** Refuses with a UsageError what cannot stand in a fused run. */
export function checkPipeline(all: readonly Prepared[]): Pipeline {
  const first = all[0]!
  const hasSource = first.command.kind === 'source'
  const steps = all.slice(hasSource ? 1 : 0)
  const wrong = steps.find(each => each.command.kind !== 'step')
  if (wrong)
    throw new UsageError(
      `${wrong.command.name}: only ` +
        `${hasSource ? 'steps can follow' : 'a source or a step can stand in a pipeline'}`,
    )
  const alone = steps.find(each => each.command.exempt?.fusion)
  if (alone)
    throw new UsageError(
      `${alone.command.name}: only in a shell pipe: ${alone.command.exempt?.fusion}`,
    )
  return { first, steps, hasSource }
}

/**
 * Every stage of a pipeline given as words, parsed and validated, none running yet. Throws
 * UsageError.
 */
export async function preparePipeline(
  stages: readonly (readonly string[])[],
  registry: Registry,
  around: Parameters<typeof prepare>[2],
): Promise<Prepared[]> {
  const all: Prepared[] = []
  for (const [name, ...argv] of stages) {
    all.push(await prepareNamed(await load(name!, registry), argv, around))
  }
  const identities: unknown[] = []
  for (const { command, ctx } of all) {
    const identity = command.kind === 'tool' ? undefined : await command.identity?.(ctx)
    if (identity !== undefined) identities.push(identity)
  }
  if (identities.length > 0) for (const { ctx } of all) ctx.identities = identities
  return all
}

/** Usage errors of a stage name the stage. */
async function prepareNamed(
  command: Command,
  argv: string[],
  around: Parameters<typeof prepare>[2],
): Promise<Prepared> {
  try {
    return prepare(await extended(command, argv, around), argv, around)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${command.name}: ${error.message}`)
    throw error
  }
}

async function load(name: string, registry: Registry): Promise<Command> {
  if (!Object.hasOwn(registry, name))
    throw new UsageError(`no such command ${name}${didYouMean(name, Object.keys(registry))}`)
  const { default: command } = await registry[name]!()
  return command
}

interface Around {
  sink: ReturnType<typeof makeSink>
  signal: AbortSignal
  isQuiet: boolean
  /** Looks at the stages before the first line. */
  opened?(stages: readonly Stage[]): void
}

/**
 * Runs a checked pipeline from its source, or from stdin, and says on stderr what each stage did.
 */
export async function runOpened(
  { first, steps, hasSource }: Pipeline,
  around: Around,
): Promise<void> {
  const { sink, signal, isQuiet } = around
  const stages = await openStages(steps)
  around.opened?.(stages)
  if (hasSource) tellHome(first)
  const source =
    hasSource && first.command.kind === 'source' ? await first.command.make(first.ctx) : undefined
  const input = source
    ? counted(source.lines(signal), first)
    : readLines(process.stdin, stages[0]!.intake)
  try {
    await pump(input, stages, sink, source !== undefined)
  } finally {
    await source?.close?.()
    if (!source) process.stdin.destroy()
    for (const each of [first, ...steps]) each.rejects.close()
    if (source && !isQuiet) tell(sourceSummary(first))
    if (!isQuiet)
      for (const stage of stages) tell(stage.meter.summary(stage.name, stage.intake.refused()))
  }
}

/** The batches of a source, counted as what it wrote. */
export async function* counted(
  batches: AsyncIterable<Line[]>,
  first: Prepared,
): AsyncGenerator<Line[]> {
  for await (const batch of batches) {
    first.meter.out += batch.length
    yield batch
  }
}
