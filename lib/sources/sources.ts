import { UsageError } from '../base/errors.ts'
import { type Flags, grouped, kebab } from '../base/flags.ts'
import type { Ctx } from '../cli/command.ts'
import type { Source } from '../stream/step.ts'
import { fromJournal } from './from-journal.ts'
import { fromLive } from './from-live.ts'
import { fromReplay } from './from-replay.ts'
import { fromSim } from './from-sim.ts'
import { fromSnapshots } from './from-snapshots.ts'
import { fromTables } from './from-tables.ts'
import type { SourceKind } from './source.ts'

/** Every source of discover. The only list of them. */
export const SOURCES: readonly SourceKind[] = [
  fromReplay,
  fromTables,
  fromSnapshots,
  fromSim,
  fromJournal,
  fromLive,
]

/**
 * The flags of some sources together: those that several have first, then those of each under its
 * name. Throws a RangeError where two sources declare a flag of the same name apart, and
 * where one is called like one of `taken`.
 */
export function sourceFlags(sources: readonly SourceKind[], taken: readonly string[] = []): Flags {
  const [shared, own]: [Flags, Flags] = [{}, {}]
  for (const { name, flags } of sources)
    for (const [key, flag] of Object.entries(flags)) {
      if (taken.includes(key))
        throw new RangeError(`source ${name}: discover has a flag ${key} already`)
      const owners = sources.filter(source => Object.hasOwn(source.flags, key))
      if (owners.some(owner => owner.flags[key] !== flag))
        throw new RangeError(`source ${name}: another source has a flag ${key} of its own`)
      if (owners.length > 1) shared[key] = flag
      else Object.assign(own, grouped(`Flags of --source ${name}`, { [key]: flag }))
    }
  return { ...grouped('Flags of several sources', shared), ...own }
}

/** Opens a source by name. Throws a UsageError for files or flags that it has no use for. */
export async function openSource(
  name: string,
  ctx: Ctx,
  sources: readonly SourceKind[],
): Promise<Source> {
  const kind = sources.find(source => source.name === name)!
  if (kind.hasFiles === true && ctx.args.length === 0)
    throw new UsageError(`--source ${name} needs ${kind.needs}`)
  if (!kind.hasFiles && ctx.args.length > 0) throw new UsageError(`--source ${name} takes no files`)
  refuseForeignFlags(kind, ctx.flags, sources)
  const source = await kind.make(ctx)
  const { speed } = ctx.flags as { speed?: number }
  if (speed === undefined) return source
  const { paced } = await import('./pace.ts')
  const pace = { speed, from: source.resumedTs, time: ctx.makeTime() }
  return { ...source, lines: signal => paced(source.lines(signal), pace, signal) }
}

/**
 * A flag that is silently without effect is a mistake nobody sees: `--columns` with replay is
 * refused.
 */
function refuseForeignFlags(
  kind: SourceKind,
  values: Record<string, unknown>,
  sources: readonly SourceKind[],
): void {
  for (const [flag, { default: fallback }] of Object.entries(sourceFlags(sources))) {
    const isGiven = values[flag] !== undefined && values[flag] !== fallback
    if (!isGiven || Object.hasOwn(kind.flags, flag)) continue
    const owners = sources.filter(({ flags }) => Object.hasOwn(flags, flag))
    throw new UsageError(
      `--${kebab(flag)} is for --source ${owners.map(({ name }) => name).join(' or ')}, ` +
        `not ${kind.name}`,
    )
  }
}

/** One row per source for --list-sources. */
export const describeSources = (sources: readonly SourceKind[]): Record<string, unknown>[] =>
  sources.map(({ name: source, summary, gives, needs, flags }) => ({
    source,
    summary,
    gives,
    needs,
    flags: Object.keys(flags).map(flag => `--${kebab(flag)}`),
  }))
