import { isMainThread } from 'node:worker_threads'
import { messageOf, UsageError } from '../base/errors.ts'
import { type Flags, grouped, kebab, list } from '../base/flags.ts'
import type { Command } from '../cli/command.ts'
import { allFlags } from '../cli/common-flags.ts'
import { tellOnce } from '../cli/home.ts'
import type { NamedPlugins } from '../cli/named-plugins.ts'
import type { Plugin } from './plugin.ts'

/** What a command with plugins says of itself beside its flags. */
interface Plugging {
  /** What of a plugin the command takes. */
  adds(plugin: Plugin): readonly unknown[]
  /** Whether a command line may only use plugins of the configuration. */
  needsConfigured?(argv: readonly string[]): boolean
}

const FLAGS = {
  plugin: {
    ...list(
      'files that add to this command: a name in $SLUICE_HOME/plugins, or a file, whose sha256 ' +
        'is then told; those of section plugins of config.json are always taken. What they add ' +
        'is in --help beside --plugin, and in completions printed since; not in man pages',
      { value: 'NAME|FILE' },
    ),
    argvOnly: true,
  },
}

/**
 * A command that plugins may add to: `over` makes it from those that are named, and from none for
 * everybody else. Nothing of theirs is loaded before somebody names one.
 */
export function plugged(
  over: (plugins: readonly Plugin[]) => Command,
  { adds, needsConfigured = () => false }: Plugging,
): Command {
  return {
    ...withFlag(over([])),
    async extend(named) {
      const { loadPlugins } = await import('./load-plugins.ts')
      const { plugins, news } = await loadPlugins(named, needsConfigured(named.argv))
      const command = built(over, plugins, named)
      // Threads of a sweep load what was told before.
      if (isMainThread) for (const line of news) tellOnce(line)
      const isExtended = plugins.some(plugin => adds(plugin).length > 0)
      return { ...command, isExtended }
    },
  }
}

const withFlag = (command: Command): Command =>
  ({ ...command, flags: { ...command.flags, ...grouped('Plugins', FLAGS) } }) as Command

function built(
  over: (plugins: readonly Plugin[]) => Command,
  plugins: readonly Plugin[],
  { words }: NamedPlugins,
): Command {
  try {
    const command = over(plugins)
    refuseTaken(command, over([]).flags)
    return withFlag(command)
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof UsageError)) throw error
    const who = plugins.map(({ name }) => name).join(', ')
    throw new UsageError(
      `plugin${plugins.length > 1 ? 's' : ''} ${who}: ${messageOf(error)}` +
        (words.length === 0 ? ' (named in config.json)' : ''),
    )
  }
}

/** Flags that every command has would hide one of a plugin. */
function refuseTaken({ kind, flags }: Command, ours: Flags): void {
  const taken = ['help', 'version', ...Object.keys(FLAGS), ...Object.keys(allFlags(kind, {}))]
  const clash = Object.keys(flags).find(key => !Object.hasOwn(ours, key) && taken.includes(key))
  if (clash !== undefined) throw new RangeError(`--${kebab(clash)} has another meaning already`)
}

/**
 * Our entries and then theirs. Throws a RangeError where two have one name, as `decision.unknown`,
 * `strategy.NAME` or --source could mean either.
 */
export function joined<T extends { name: string }>(
  what: string,
  ours: readonly T[],
  theirs: readonly T[],
): readonly T[] {
  const all = [...ours, ...theirs]
  const names = all.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined)
    throw new RangeError(`${what} ${twice}: there is one of this name already`)
  return all
}
