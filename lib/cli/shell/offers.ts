import { type Flag, kebab, type Names } from '../../base/flags.ts'
import type { Args, Command } from '../command.ts'
import { allFlags } from '../common-flags.ts'
import type { Groups } from '../manual/overview.ts'
import { TOPICS } from '../manual/topics.ts'

/** What may follow a word: fixed words, names to look up, or neither: a file or free text. */
export interface Values {
  words: readonly string[]
  names: Names | undefined
  /** Files may stand beside the names. */
  hasFiles: boolean
}

/** A flag as a shell completes it. */
export interface OfferedFlag extends Values {
  /** With its dashes; `--no-x` for a switch that is on by default. */
  word: string
  doc: string
  takesValue: boolean
  /** Values joined by commas. */
  isList: boolean
}

/** A command as a shell completes it. */
export interface Offer {
  name: string
  group: string
  summary: string
  flags: readonly OfferedFlag[]
  /** First argument, and those after it. */
  first: Values
  others: Values
}

const NOTHING: Values = { words: [], names: undefined, hasFiles: false }

/** A command with what the plugins of the configuration add to it. */
export type Extend = (command: Command) => Promise<Command>

/** All that the three scripts say, from the declarations: commands in the order of their groups. */
export async function offersOf(groups: Groups, extend: Extend): Promise<Offer[]> {
  const offers: Offer[] = []
  const commands = Object.values(groups).flatMap(each => Object.keys(each))
  for (const [group, members] of Object.entries(groups)) {
    for (const [name, load] of Object.entries(members)) {
      const { default: command } = await load()
      offers.push(await offerOf(await extend(command), group, { name, commands }))
    }
  }
  return offers
}

async function offerOf(
  command: Command,
  group: string,
  { name, commands }: { name: string; commands: readonly string[] },
): Promise<Offer> {
  const flags = Object.entries(allFlags(command.kind, command.flags)).map(([key, flag]) =>
    offeredFlag(key, flag),
  )
  const help: OfferedFlag = {
    ...NOTHING,
    word: '--help',
    doc: 'explain the command',
    takesValue: false,
    isList: false,
  }
  const values = command.args === undefined ? NOTHING : await valuesOf(command.args, commands)
  const actions = Object.keys(command.args?.actions ?? {})
  const first = actions.length > 0 ? { words: actions, names: undefined, hasFiles: false } : values
  const others = actions.length > 0 || values.names !== undefined ? values : NOTHING
  return { name, group, summary: command.summary, flags: [...flags, help], first, others }
}

async function valuesOf(
  { words = [], names, files = false }: Args,
  commands: readonly string[],
): Promise<Values> {
  if (names === 'commands') return { words: commands, names: undefined, hasFiles: false }
  if (names === 'topics')
    return { words: [...commands, ...Object.keys(TOPICS)], names: undefined, hasFiles: false }
  if (names !== 'parts') return { words, names, hasFiles: files }
  const { PARTS } = await import('../../records/parts.ts')
  return { words: [...Object.keys(PARTS), 'line'], names: undefined, hasFiles: false }
}

const offeredFlag = (key: string, flag: Flag): OfferedFlag => ({
  word: flag.kind === 'bool' && flag.default === true ? `--no-${kebab(key)}` : `--${kebab(key)}`,
  doc: flag.doc,
  takesValue: flag.kind !== 'bool',
  isList: flag.kind === 'list',
  words: flag.choices ?? [],
  names: flag.names,
  hasFiles: false,
})
