import { show, UsageError } from '../base/errors.ts'
import { openStages, type Prepared } from '../cli/prepare.ts'
import type { Line } from '../stream/line.ts'
import { pump } from '../stream/run.ts'
import type { Sink } from '../stream/sink.ts'
import { type BacktestAround, prepareStages } from './backtest-stages.ts'

/** Lines of the source that are run twice. */
const LINES = 1000

/**
 * Runs the first 1,000 lines twice through the stages up to the last foreign program, or stage in
 * which a plugin takes part, whoever named it: a backtest that looks at the clock, at chance or at
 * what was said the last time is worth nothing. Throws a UsageError that names the first line on
 * which it differed. Does nothing where every stage is ours.
 */
export async function refuseUnrepeatable(
  stages: readonly (readonly string[])[],
  around: BacktestAround,
): Promise<void> {
  const { first: source, steps, hasSource } = await prepareStages(stages, around)
  const all = hasSource ? [source, ...steps] : steps
  const last = all.findLastIndex(isForeign)
  if (last < 0) return
  const front = stages.slice(0, last + 1)
  const [first, second] = [await firstLines(front, around), await firstLines(front, around)]
  const differs = Array.from({ length: Math.max(first.length, second.length) }, (_, i) => i).find(
    i => first[i] !== second[i],
  )
  if (differs === undefined) return
  throw new UsageError(
    `${stages[last]!.join(' ')}: said something else when it saw the same ${LINES} lines again ` +
      `(line ${differs + 1}: ${apart(first[differs], second[differs])}); a ` +
      'backtest needs a program that depends on its lines alone',
  )
}

/** An own program, or a command that a plugin has added to and that uses what was added. */
function isForeign({ command, ctx }: Prepared): boolean {
  if (command.name === 'exec') return true
  if (command.isExtended !== true || command.kind === 'tool') return false
  return command.identity === undefined || command.identity(ctx) !== undefined
}

/** Both texts from a little before the place at which they part. */
function apart(one = '', other = ''): string {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  const from = Math.max(0, at - 20)
  return `${show(one.slice(from, at + 40))}, then ${show(other.slice(from, at + 40))}`
}

async function firstLines(
  stages: readonly (readonly string[])[],
  around: BacktestAround,
): Promise<string[]> {
  const { first, steps, hasSource } = await prepareStages(stages, around)
  if (!hasSource || first.command.kind !== 'source' || first.ctx.args.includes('-'))
    throw new UsageError(
      'a program in a backtest is run twice on its first lines: name the recording with --on',
    )
  const said: string[] = []
  const sink: Sink = {
    write: () => undefined,
    lines: batch => void said.push(...batch.map(line => line.raw)),
    isClosed: () => false,
  }
  const source = await first.command.make(first.ctx)
  try {
    await pump(firstOf(source.lines(around.signal)), await openStages(steps), sink, true)
  } finally {
    await source.close?.()
    for (const each of [first, ...steps]) each.rejects.close()
  }
  return said
}

async function* firstOf(batches: AsyncIterable<Line[]>): AsyncGenerator<Line[]> {
  let seen = 0
  for await (const batch of batches) {
    const taken = batch.slice(0, LINES - seen)
    seen += taken.length
    yield taken
    if (seen >= LINES) return
  }
}
