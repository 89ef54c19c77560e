import { messageOf, UsageError } from '../lib/base/errors.ts'
import { choice, type Names } from '../lib/base/flags.ts'
import { type Command, tool } from '../lib/cli/command.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export default tool({
  name: 'completions',
  summary: 'Print a completion script for the shell',
  details:
    'Scripts know commands, flags and choices; names of models and journals they look up when ' +
    'asked, in $SLUICE_HOME and among the shipped models. The own names are completed where they ' +
    'lie beside sluice on PATH. Flags that the plugins of config.json add when a script is ' +
    'printed are in it. A package holds the three scripts in dist/completions, without plugins.',
  flags: {
    names: choice('print the names that there are instead, as the scripts ask for them', [
      'models',
      'journals',
    ]),
  },
  args: { name: 'SHELL', doc: SHELLS.join(', '), max: 1, words: SHELLS },
  examples: [
    'source <(sluice completions bash)',
    'sluice completions zsh > ~/.zfunc/_sluice   # a folder of fpath',
    'sluice completions fish > ~/.config/fish/completions/sluice.fish',
  ],
  async run({ flags, args, home, env, log }, out) {
    if (flags.names !== undefined) {
      await out.write((await namesOf(flags.names, home)).map(name => `${name}\n`).join(''))
      return
    }
    const shell = SHELLS.find(name => name === args[0])
    if (shell === undefined)
      throw new UsageError(
        `${args[0] === undefined ? 'needs' : 'expected'} a shell: one of ${SHELLS.join(', ')}`,
      )
    const { completionScript } = await import('../lib/cli/shell/scripts.ts')
    const { GROUPS, OWN_NAMES, registry } = await import('./registry.ts')
    const { extended } = await import('../lib/cli/named-plugins.ts')
    const around = { env, commands: Object.keys(registry) }
    const faults = new Set<string>()
    // Whoever sources this at every start of a shell must get the rest where a plugin has changed.
    const extend = async (command: Command): Promise<Command> => {
      try {
        return await extended(command, [], around)
      } catch (error) {
        faults.add(messageOf(error))
        return command
      }
    }
    await out.write(await completionScript(shell, GROUPS, OWN_NAMES, extend))
    for (const fault of faults) log.warn(`flags of plugins are left out: ${fault}`)
  },
})

/**
 * Models of the home and of the package, or journals. Both are made of letters, digits and `._-@`
 * alone, so that no shell sees more in them than a word: folders of other names are left out.
 */
async function namesOf(kind: Names, home: string): Promise<string[]> {
  if (kind === 'journals') return (await import('../lib/store/journal/days.ts')).listJournals(home)
  const { modelNames, modelRoots } = await import('../lib/model/registry.ts')
  return modelNames(modelRoots(undefined, home))
}
