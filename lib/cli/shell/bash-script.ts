import type { Offer, OfferedFlag, Values } from './offers.ts'

/** Completion for bash 3.2 and later: commands, flags, choices, names that there are, files. */
export const bashScript = (offers: readonly Offer[], ownNames: readonly string[]): string =>
  completer(offers.map(({ name }) => name).join(' ')) +
  HELPERS +
  tables(offers) +
  registration(ownNames)

/** Own names belong to whoever put them on PATH: only those that lie beside sluice are ours. */
const registration = (ownNames: readonly string[]): string => `complete -o default -F _sluice sluice
for _sluice_name in ${ownNames.join(' ')}; do
  _sluice_at="$(type -P "$_sluice_name")" || continue
  if [ "\${_sluice_at%/*}" -ef "$(dirname "$(type -P sluice)")" ]; then
    complete -o default -F _sluice "$_sluice_name"
  fi
done
unset _sluice_name _sluice_at
`

/** The function that bash calls, with the names of all commands. */
const completer = (names: string): string => `# bash completion for sluice
_sluice() {
  local line word prev cmd at words="" names="" list="" i
  # Bash splits at = and @, sluice does not: the words as they stand on the line.
  if [ -n "\${COMP_LINE:-}" ]; then
    read -ra line <<< "\${COMP_LINE:0:\${COMP_POINT:-\${#COMP_LINE}}}"
    case "\${COMP_LINE:0:\${COMP_POINT:-\${#COMP_LINE}}}" in *[[:space:]]) line+=("") ;; esac
  else
    line=("\${COMP_WORDS[@]:0:$((COMP_CWORD + 1))}")
  fi
  at=$((\${#line[@]} - 1))
  word="\${line[at]}" prev="" cmd="\${line[0]##*/}"
  [ "$at" -gt 0 ] && prev="\${line[at - 1]}"
  COMPREPLY=()
  if [ "$cmd" = sluice ]; then
    if [ "$at" -le 1 ]; then
      _sluice_offer "$word" "" "${names} $(_sluice_others)"
      return
    fi
    cmd="\${line[1]}" line=("\${line[@]:1}") at=$((at - 1))
  fi
  local head="" arg=1
  case "$word" in --*=*) prev="\${word%%=*}" head="$prev=" word="\${word#*=}" ;; esac
  if ! _sluice_value "$cmd" "$prev"; then
    head="" word="\${line[at]}"
    if [ "\${word:0:1}" = - ]; then
      _sluice_flags "$cmd"
    else
      for ((i = 1; i < at; i++)); do
        case "\${line[i]}" in
          -*=*) ;;
          -*) _sluice_value "$cmd" "\${line[i]}" && i=$((i + 1)) ;;
          *) arg=2 ;;
        esac
      done
      words="" names="" list=""
      _sluice_args "$cmd" "$arg"
    fi
  fi
  if [ -n "$names" ]; then
    words="$words $(command sluice completions --names "$names" 2> /dev/null)"
  fi
  if [ -n "$list" ]; then
    case "$word" in *,*) head="$head\${word%,*}," word="\${word##*,}" ;; esac
  fi
  _sluice_offer "$word" "$head" "$words"
}
`

const HELPERS = `# Programs sluice-NAME on PATH.
_sluice_others() {
  compgen -c sluice- | sed -n 's/^sluice-\\([a-z0-9][a-z0-9-]*\\)$/\\1/p'
}
# Words that go on from what is typed, less the part that bash holds for a word of its own.
_sluice_offer() {
  local each typed="\${COMP_WORDS[COMP_CWORD]}" drop=""
  case "$typed" in = | @) typed="" ;; esac
  local all="$2$1"
  case "$all" in *"$typed") drop="\${all%"$typed"}" ;; esac
  local IFS=$' \\t\\n'
  for each in $3; do
    case "$each" in "$1"*) each="$2$each" COMPREPLY+=("\${each#"$drop"}") ;; esac
  done
}
`

/** What each command takes, by its name and what stands before. */
const tables = (offers: readonly Offer[]): string => {
  const values = offers.flatMap(({ name, flags }) =>
    flags.filter(({ takesValue }) => takesValue).map(flag => valueCase(name, flag)),
  )
  return `# What the value of a flag may be; fails for one without a value, and for no flag.
_sluice_value() {
  case "$1 $2" in
${values.join('\n')}
    *) return 1 ;;
  esac
}
_sluice_flags() {
  case "$1" in
${offers.map(flagsCase).join('\n')}
  esac
}
_sluice_args() {
  case "$1 $2" in
${offers.flatMap(argCases).join('\n')}
  esac
}
`
}

const flagsCase = ({ name, flags }: Offer): string =>
  `    ${name}) words="${flags.map(({ word }) => word).join(' ')}" ;;`

const setting = ({ words, names }: Values, isList = false): string =>
  [
    words.length > 0 ? `words="${words.join(' ')}"` : '',
    names === undefined ? '' : `names=${names}`,
    isList ? 'list=1' : '',
  ]
    .filter(text => text !== '')
    .join(' ')

const valueCase = (command: string, flag: OfferedFlag): string =>
  `    '${command} ${flag.word}') ${setting(flag, flag.isList)} ;;`

function argCases({ name, first, others }: Offer): string[] {
  const rows = [
    [1, first],
    [2, others],
  ] as const
  return rows.flatMap(([at, values]) =>
    setting(values) === '' ? [] : [`    '${name} ${at}') ${setting(values)} ;;`],
  )
}
