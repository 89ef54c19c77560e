import type { Offer, OfferedFlag, Values } from './offers.ts'

/** Completion for zsh: a file _sluice for a folder of fpath, or to be sourced after compinit. */
export function zshScript(offers: readonly Offer[], ownNames: readonly string[]): string {
  const groups = [...new Set(offers.map(({ group }) => group))]
  return `#compdef sluice ${ownNames.join(' ')}
# zsh completion for sluice
_sluice() {
  setopt localoptions extendedglob
  local cmd=$service
  if ! _sluice_beside $cmd; then
    _default
    return
  fi
  if [[ $cmd == sluice ]]; then
    if (( CURRENT == 2 )); then
      local -a ${groups.join(' ')} others
${groups.map(group => groupRows(group, offers)).join('\n')}
      others=(\${\${(M)\${(k)commands}:#sluice-[a-z0-9]*}#sluice-})
      others=(\${(M)others:#[a-z0-9-]##})
${groups.map(group => `      _describe -t ${group} '${group}' ${group}`).join('\n')}
      (( $#others )) && compadd -a others
      return
    fi
    shift words
    (( CURRENT-- ))
    cmd=$words[1]
  fi
  case $cmd in
${offers.map(commandCase).join('\n')}
    *) _files ;;
  esac
}
_sluice_models() {
  local -a names
  names=(\${(f)"$(command sluice completions --names models 2> /dev/null)"})
  compadd "$@" -a names
}
_sluice_journals() {
  local -a names
  names=(\${(f)"$(command sluice completions --names journals 2> /dev/null)"})
  compadd "$@" -a names
}
# Whether what a name finds on PATH lies beside sluice: another program may have the name of ours.
_sluice_beside() {
  [[ $1 == sluice || -n \${commands[$1]} && \${commands[$1]:h} == \${commands[sluice]:h} ]]
}
if [[ $funcstack[1] == _sluice ]]; then
  _sluice "$@"
else
  compdef _sluice sluice
  for _sluice_name in ${ownNames.join(' ')}; do
    _sluice_beside $_sluice_name && compdef _sluice $_sluice_name
  done
  unset _sluice_name
fi
`
}

const groupRows = (group: string, offers: readonly Offer[]): string =>
  `      ${group}=(${offers
    .filter(offer => offer.group === group)
    .map(({ name, summary }) => quoted(`${name}:${summary.replaceAll(':', '\\:')}`))
    .join(' ')})`

function commandCase({ name, flags, first, others }: Offer): string {
  const specs = [...flags.map(specOf), `'1: :${action(first)}'`, `'*: :${action(others)}'`]
  return `    ${name})\n      _arguments -s ${specs.join(' \\\n        ')} ;;`
}

/** `--min-score=[doc]:value:action`; a list takes several values joined by commas. */
function specOf(flag: OfferedFlag): string {
  const doc = flag.doc.replace(/[[\]\\]/g, '\\$&')
  if (!flag.takesValue) return quoted(`${flag.word}[${doc}]`)
  const repeats = flag.isList ? '*' : ''
  return quoted(
    `${repeats}${flag.word}=[${doc}]:value:${flag.isList ? sequence(flag) : action(flag)}`,
  )
}

const action = ({ words, names, hasFiles }: Values): string => {
  if (words.length > 0) return `(${words.join(' ')})`
  if (names === undefined) return '_files'
  return hasFiles
    ? `_alternative "names:name:_sluice_${names}" "files:file:_files"`
    : `_sluice_${names}`
}

const sequence = ({ words, names }: Values): string =>
  words.length > 0
    ? `_sequence compadd - ${words.join(' ')}`
    : names === undefined
      ? '_files'
      : `_sequence _sluice_${names}`

/** In single quotes, so that nothing in it means anything to the shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
