import type { Offer, OfferedFlag, Values } from './offers.ts'

/** Nothing but the program stands before the word. */
const AT_COMMAND = `'test (count (commandline -opc)) -eq 1'`

/** Completion for fish 3 and later. */
export function fishScript(offers: readonly Offer[], ownNames: readonly string[]): string {
  return `# fish completion for sluice
function __sluice_is --description 'whether the command line is of this command of sluice'
    set -l words (commandline -opc)
    set -q words[2]; and test $words[2] = $argv[1]
end
function __sluice_words --description 'how many words there are besides flags'
    count (string match -v -- '-*' (commandline -opc))
end
function __sluice_names
    command sluice completions --names $argv[1] 2>/dev/null
end
function __sluice_others
    set -l programs $PATH/sluice-*
    string replace -rf '.*/sluice-([a-z0-9][a-z0-9-]*)$' '$1' -- $programs
end
function __sluice_beside --description 'whether what this name finds on PATH lies beside sluice'
    set -l found (command -s $argv[1]) (command -s sluice)
    set -q found[2]; and test (dirname $found[1]) = (dirname $found[2])
end
complete -c sluice -f -n ${AT_COMMAND} -a '(__sluice_others)'
${offers.map(commandRow).join('\n')}
${offers.flatMap(offer => rowsOf(offer, 'sluice', 2)).join('\n')}
${offers
  .filter(({ name }) => ownNames.includes(name))
  .map(offer => `if __sluice_beside ${offer.name}\n${rowsOf(offer, offer.name, 1).join('\n')}\nend`)
  .join('\n')}
`
}

const commandRow = ({ name, group, summary }: Offer): string =>
  `complete -c sluice -f -n ${AT_COMMAND} -a ${name} -d ${quoted(`${group}: ${summary}`)}`

/** `before` words stand before the arguments: `sluice gate`, or `gate` alone. */
function rowsOf(offer: Offer, owner: string, before: 1 | 2): string[] {
  const is = before === 2 ? `__sluice_is ${offer.name}; and ` : ''
  const args = [
    [offer.first, `${is}test (__sluice_words) -eq ${before}`],
    [offer.others, `${is}test (__sluice_words) -gt ${before}`],
  ] as const
  const where = before === 2 ? `-c ${owner} -n '__sluice_is ${offer.name}'` : `-c ${owner}`
  return [
    ...args.flatMap(([values, condition]) => {
      const offered = valuesText(values)
      const files = values.hasFiles ? '' : '-f '
      return offered === ''
        ? []
        : [`complete -c ${owner} -n '${condition}' ${files}-a ${quoted(offered)}`]
    }),
    ...offer.flags.map(flag => flagRow(where, flag)),
  ]
}

function flagRow(where: string, flag: OfferedFlag): string {
  const head = `complete ${where} -l ${flag.word.slice(2)} -d ${quoted(flag.doc)}`
  if (!flag.takesValue) return head
  const offered = valuesText(flag)
  if (offered === '') return `${head} -r`
  const each = flag.isList ? `(__fish_complete_list , ${quoted(listText(flag))})` : offered
  return `${head} -x -a ${quoted(each)}`
}

const valuesText = ({ words, names }: Values): string =>
  words.length > 0 ? words.join(' ') : names === undefined ? '' : `(__sluice_names ${names})`

/** A command that prints one value a line, as __fish_complete_list wants it. */
const listText = ({ words, names }: Values): string =>
  words.length > 0 ? `printf "%s\\n" ${words.join(' ')}` : `__sluice_names ${names}`

/** In single quotes, where fish knows \\\\ and \\' alone. */
const quoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`
