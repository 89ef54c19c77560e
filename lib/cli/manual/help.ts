import type { Flags } from '../../base/flags.ts'
import type { Command } from '../command.ts'
import { type Manual, manualOf, type Section } from './manual.ts'

const WIDTH = 80

/** Wraps text at 80 columns, each line after `indent` spaces; empty lines stay. */
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

/** The help of one command: exactly what `--help` prints and what the reference shows. */
export const helpOf = (command: Command, flags: Flags): string => helpText(manualOf(command, flags))

/** A manual as help: plain text of 80 columns. */
export function helpText({ name, summary, usage, column = 24, sections }: Manual): string {
  const parts = [wrap(`${name} — ${summary}`)]
  if (usage !== undefined) parts.push(`Usage: ${usage}`)
  return `${[...parts, ...sections.map(each => sectionText(each, column))].join('\n\n')}\n`
}

/** One section of a help. */
export function sectionText(section: Section, column = 24): string {
  const title = section.title === '' ? '' : `${section.title}:\n`
  if ('prose' in section) return title + wrap(section.prose)
  if ('code' in section) return title + section.code.map(line => `  ${line}`).join('\n')
  return title + section.rows.map(([left, right]) => row(left, right, column)).join('\n')
}

function row(left: string, right: string, column: number): string {
  const text = wrap(right, column + 2)
  return left.length <= column - 2
    ? `  ${left.padEnd(column)}${text.trimStart()}`
    : `  ${left}\n${text}`
}
