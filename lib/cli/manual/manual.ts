import { type Flag, type Flags, kebab } from '../../base/flags.ts'
import type { Args, Command } from '../command.ts'

/** One part of what is to be said: prose, a list of words with their meaning, or lines to type. */
export type Section = { title: string } & (
  | { prose: string }
  | { rows: readonly (readonly [left: string, right: string])[] }
  | { code: readonly string[] }
)

/** What there is to say of a command or a topic; help and man page print it, each in its way. */
export interface Manual {
  name: string
  summary: string
  /** How it is called; a topic is not. */
  usage?: string
  /** Width of the left column of its lists (24). */
  column?: number
  sections: readonly Section[]
}

/** Everything that is declared of a command, in the order in which it is read. */
export function manualOf(command: Command, flags: Flags): Manual {
  const args = command.args === undefined ? '' : ` ${usageOf(command.args)}`
  const sections: Section[] = []
  const prose = [...passes(command), ...(command.details ? [command.details] : [])]
  if (prose.length > 0) sections.push({ title: '', prose: prose.join('\n\n') })
  if (command.args)
    sections.push({ title: 'Arguments', rows: [[command.args.name, command.args.doc]] })
  if (command.args?.actions) sections.push(actionsOf(command.args.actions))
  sections.push(...flagSections(flags), { title: 'Examples', code: command.examples })
  const usage = `${command.name} [flags]${args}`
  return { name: command.name, summary: command.summary, usage, sections }
}

/** The actions of a command, each with the words that follow it. */
export const actionsOf = (actions: NonNullable<Args['actions']>): Section => ({
  title: 'Actions',
  rows: Object.entries(actions).map(
    ([name, { args, doc }]) => [`${name} ${args}`.trimEnd(), doc] as const,
  ),
})

/** What a streaming command takes from a line and gives to it. */
function passes(command: Command): string[] {
  if (command.kind === 'source') return [`Writes ${command.writes.join(', ')}.`]
  if (command.kind !== 'step') return []
  const { reads, writes } = command
  return [
    `Reads ${reads.join(', ') || 'any line'}; writes ${writes.join(', ') || 'the same lines'}.`,
  ]
}

/** Flags by title: first those without one, then the titles in the order of their first flags. */
function flagSections(flags: Flags): Section[] {
  const groups = new Map<string, [string, string][]>()
  for (const [key, flag] of Object.entries(flags)) {
    const title = flag.group ?? 'Flags'
    groups.set(title, [...(groups.get(title) ?? []), [flagName(key, flag), flagDoc(flag)]])
  }
  const plain = groups.get('Flags')
  groups.delete('Flags')
  const titled = [...groups].map(([title, rows]) => ({ title, rows }))
  return plain === undefined ? titled : [{ title: 'Flags', rows: plain }, ...titled]
}

function usageOf(args: NonNullable<Command['args']>): string {
  const { name, min = args.actions ? 1 : 0, max = Number.POSITIVE_INFINITY } = args
  const word = max > 1 ? `${name}…` : name
  return min === 0 ? `[${word}]` : word
}

/** `--min-score N` as shown in help. */
export const flagName = (key: string, flag: Flag): string => {
  if (flag.kind !== 'bool') return `--${kebab(key)} ${flag.value.length > 24 ? 'WORD' : flag.value}`
  return flag.default === true ? `--no-${kebab(key)}` : `--${kebab(key)}`
}

/** What a flag does, with its choices, default and environment name. */
function flagDoc(flag: Flag): string {
  const notes: string[] = []
  if (flag.choices && flag.value.length > 24) notes.push(flag.choices.join(', '))
  if (flag.kind !== 'bool' && flag.shown) notes.push(`default ${flag.shown}`)
  if (flag.env) notes.push(`env ${flag.env}`)
  else if (flag.argvOnly) notes.push('command line only')
  const text = flag.kind === 'bool' && flag.default === true ? `do not ${flag.doc}` : flag.doc
  return notes.length === 0 ? text : `${text} (${notes.join('; ')})`
}
