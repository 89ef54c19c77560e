import { UsageError } from '../base/errors.ts'
import type { Command } from './command.ts'
import { type Environment, envName, PLUGINS, readConfig } from './config.ts'
import { withEnvFile } from './env-file.ts'
import { homeOf } from './home.ts'

/** What names the plugins of one command. Files that merely lie in the home are not named. */
export interface NamedPlugins {
  /** Values of --plugin in order: names of files in $SLUICE_HOME/plugins, or files. */
  words: readonly string[]
  /** Section `plugins` of the configuration: the sha256 of each file, by its path or name. */
  configured: Readonly<Record<string, string>>
  home: string
  argv: readonly string[]
}

/**
 * The command with what its named plugins add. Their flags are flags of the command, so they are
 * loaded before its command line is parsed. Without a name nothing is loaded. Throws UsageError.
 */
export async function extended(
  command: Command,
  argv: readonly string[],
  { env, commands }: { env: Environment; commands: readonly string[] },
): Promise<Command> {
  if (command.extend === undefined) return command
  const name = envName(command.name, 'plugin')
  if (env[name])
    throw new UsageError(
      `${name}: plugins are named on the command line (--plugin) or in section plugins of ` +
        'config.json',
    )
  const words = pluginWords(argv)
  const { path: home } = homeOf(
    withEnvFile(env, valuesIn(argv, 'env-file')[0]),
    valuesIn(argv, 'home')[0],
  )
  const configured = (readConfig(home, commands)[PLUGINS] ?? {}) as Record<string, string>
  if (words.length === 0 && Object.keys(configured).length === 0) return command
  return command.extend({ words, configured, home, argv })
}

/** What --plugin says on a command line that is not parsed yet. */
const pluginWords = (argv: readonly string[]): string[] =>
  valuesIn(argv, 'plugin').flatMap(value => value.split(',').map(word => word.trim()))

/** Values of a flag, typed as `--name value` or `--name=value`, up to `--`. */
function valuesIn(argv: readonly string[], name: string): string[] {
  const end = argv.indexOf('--')
  const words = end < 0 ? argv : argv.slice(0, end)
  return words.flatMap((word, i) => {
    if (word.startsWith(`--${name}=`)) return [word.slice(name.length + 3)]
    const next = words[i + 1]
    return word === `--${name}` && next !== undefined && !next.startsWith('-') ? [next] : []
  })
}
