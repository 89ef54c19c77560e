import { UsageError } from '../lib/base/errors.ts'
import { choice, type Names } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export default tool({
  name: 'completions',
  summary: 'Print a completion script for the shell',
  details:
    'Scripts know commands, flags and choices; names of models and journals they look up when ' +
    'asked, in $SLUICE_HOME and among the shipped models. The own names are completed where they ' +
    'lie beside sluice on PATH. A package holds the three scripts in dist/completions.',
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
  async run({ flags, args, home }, out) {
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
    const { GROUPS, OWN_NAMES } = await import('./registry.ts')
    await out.write(await completionScript(shell, GROUPS, OWN_NAMES))
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
