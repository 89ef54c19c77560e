import { UsageError } from '../base/errors.ts'
import { type Flag, kebab } from '../base/flags.ts'
import type { Registry } from './cli.ts'
import { allFlags } from './common-flags.ts'

/**
 * A bash script that completes commands, flags, words of choices, and files. Throws UsageError for
 * other shells.
 */
export async function bashCompletions(
  shell: string,
  registry: Registry,
  ownNames: readonly string[],
): Promise<string> {
  if (shell !== 'bash')
    throw new UsageError(`no completions for ${JSON.stringify(shell)}; there are some for bash`)
  const cases: string[] = []
  for (const [name, load] of Object.entries(registry)) {
    const { default: command } = await load()
    const flags = allFlags(command.kind, command.flags)
    const words = [
      ...Object.entries(flags).map(([key, flag]) => flagWord(key, flag)),
      '--help',
    ].join(' ')
    const choices = Object.entries(flags)
      .filter(([, flag]) => flag.choices)
      .map(([key, flag]) => `      --${kebab(key)}) words="${flag.choices?.join(' ')}" ;;`)
    cases.push(
      [
        `    ${name})`,
        '      case "$prev" in',
        ...choices,
        `      *) words="${words}" ;;`,
        '      esac ;;',
      ].join('\n'),
    )
  }
  return script(Object.keys(registry), cases, ownNames)
}

const flagWord = (key: string, flag: Flag): string =>
  flag.kind === 'bool' && flag.default === true ? `--no-${kebab(key)}` : `--${kebab(key)}`

const script = (
  names: readonly string[],
  cases: readonly string[],
  ownNames: readonly string[],
): string => `# bash completion for sluice
_sluice() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" cmd="\${COMP_WORDS[0]##*/}" words=""
  [ "$cmd" = sluice ] && cmd="\${COMP_WORDS[1]}"
  if [ "\${COMP_WORDS[0]##*/}" = sluice ] && [ "$COMP_CWORD" -eq 1 ]; then
    words="${names.join(' ')}"
  else
    case "$cmd" in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _sluice sluice ${ownNames.join(' ')}
`
