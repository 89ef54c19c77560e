import { type Flag, type Flags, kebab } from '../base/flags.ts'
import type { Command } from './command.ts'

const WIDTH = 80

/** Wraps text at 80 columns, each line after `indent` spaces. */
export function wrap(text: string, indent = 0, width = WIDTH): string {
  const pad = ' '.repeat(indent)
  return text
    .split('\n')
    .map(paragraph => {
      const lines: string[] = []
      let line = ''
      for (const word of paragraph.split(/ +/)) {
        if (line !== '' && indent + line.length + 1 + word.length > width) {
          lines.push(line)
          line = word
        } else line = line === '' ? word : `${line} ${word}`
      }
      lines.push(line)
      return lines.map(each => (each === '' ? '' : pad + each)).join('\n')
    })
    .join('\n')
}

/** The help of one command: exactly what `--help` prints and what the README shows. */
export function helpOf(command: Command, flags: Flags): string {
  const usage = command.args === undefined ? '' : ` ${usageOf(command.args)}`
  const parts = [
    wrap(`${command.name} — ${command.summary}`),
    `Usage: ${command.name} [flags]${usage}`,
  ]
  if (command.kind === 'step') {
    parts.push(
      wrap(
        `Reads ${command.reads.join(', ') || 'any line'}; writes ` +
          `${command.writes.join(', ') || 'the same lines'}.`,
      ),
    )
  }
  if (command.kind === 'source') parts.push(wrap(`Writes ${command.writes.join(', ')}.`))
  if (command.details) parts.push(wrap(command.details))
  if (command.args) parts.push(`Arguments:\n${row(command.args.name, command.args.doc)}`)
  parts.push(
    `Flags:\n${Object.entries(flags)
      .map(([key, flag]) => flagRow(key, flag))
      .join('\n')}`,
  )
  parts.push(`Examples:\n${command.examples.map(example => `  ${example}`).join('\n')}`)
  return `${parts.join('\n\n')}\n`
}

function usageOf(args: NonNullable<Command['args']>): string {
  const { name, min = 0, max = Number.POSITIVE_INFINITY } = args
  const word = max > 1 ? `${name}…` : name
  return min === 0 ? `[${word}]` : word
}

/** `--min-score N` as shown in help. */
export const flagName = (key: string, flag: Flag): string => {
  if (flag.kind !== 'bool') return `--${kebab(key)} ${flag.value.length > 24 ? 'WORD' : flag.value}`
  return flag.default === true ? `--no-${kebab(key)}` : `--${kebab(key)}`
}

/** What a flag does, with its choices, default and environment name. */
export function flagDoc(flag: Flag): string {
  const notes: string[] = []
  if (flag.choices && flag.value.length > 24) notes.push(flag.choices.join(', '))
  if (flag.kind !== 'bool' && flag.shown) notes.push(`default ${flag.shown}`)
  if (flag.env) notes.push(`env ${flag.env}`)
  else if (flag.argvOnly) notes.push('command line only')
  const text = flag.kind === 'bool' && flag.default === true ? `do not ${flag.doc}` : flag.doc
  return notes.length === 0 ? text : `${text} (${notes.join('; ')})`
}

const flagRow = (key: string, flag: Flag): string => row(flagName(key, flag), flagDoc(flag))

function row(left: string, right: string): string {
  const text = wrap(right, 26)
  return left.length <= 22 ? `  ${left.padEnd(24)}${text.trimStart()}` : `  ${left}\n${text}`
}
