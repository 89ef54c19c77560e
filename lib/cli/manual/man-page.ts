import type { Manual, Section } from './manual.ts'
import { TOPICS } from './topics.ts'

/**
 * A manual as a man page of section 1: roff of the man macros, ASCII alone, whatever the words
 * hold. `version` stands at the foot. A command is `sluice-gate`, called `sluice gate`.
 */
export function manPage(manual: Manual, version: string): string {
  const isCommand = manual.name !== 'sluice'
  const name = isCommand ? `sluice-${manual.name}` : manual.name
  const usage = isCommand ? `sluice ${manual.usage}` : manual.usage!.replace(/ {2,}.*/, '')
  const sections = [...manual.sections, ...(isCommand ? [exitCodes()] : topics())]
  return [
    `.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(version)} "sluice manual"`,
    `.SH NAME\n${escaped(name)} \\- ${escaped(manual.summary)}`,
    `.SH SYNOPSIS\n${escaped(usage)}`,
    ...sections.map(sectionOf),
    `.SH SEE ALSO\n${isCommand ? '.BR sluice (1)' : 'sluice help COMMAND, sluice\\-COMMAND(1)'}`,
    '',
  ].join('\n')
}

const exitCodes = (): Section => ({ ...TOPICS['exit-codes']!.sections[0]!, title: 'Exit status' })

/** All topics, each as sections of the one page; its examples stand below its text. */
const topics = (): Section[] =>
  Object.entries(TOPICS).flatMap(([name, { summary, sections }]) =>
    sections.map((section, i) => ({
      ...section,
      title: i > 0 ? '' : name === 'exit-codes' ? 'Exit status' : summary,
    })),
  )

function sectionOf(section: Section): string {
  const { title } = section
  const isProse = 'prose' in section
  const head = title !== '' ? `.SH ${quoted(title.toUpperCase())}\n` : ''
  const body = isProse
    ? section.prose.split(/\n\n+/).map(escaped).join('\n.PP\n')
    : 'code' in section
      ? `.PP\n.RS 2\n.nf\n${section.code.map(escaped).join('\n')}\n.fi\n.RE`
      : section.rows
          .map(([left, right]) => `.TP\n\\fB${escaped(left)}\\fR\n${escaped(right)}`)
          .join('\n')
  if (title === '' && isProse) return `.SH DESCRIPTION\n${body}`
  return head + (head === '' ? body : body.replace(/^\.PP\n/, ''))
}

const NAMES: Record<string, string> = {
  '\\': '\\e',
  '-': '\\-',
  '"': '\\(dq',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
}

/** Text that roff takes for text, on one line: no request, no macro, no escape can come of it. */
export function escaped(text: string): string {
  const line = text.replace(/\s+/g, whole => (whole.includes('\n') ? ' ' : whole))
  const safe = Array.from(line, letter => {
    const code = letter.codePointAt(0)!
    if (code < 0x20 || code === 0x7f) return ' '
    if (code >= 0xd800 && code <= 0xdfff) return '?' // Half of a pair stands for nothing.
    if (code > 0x7e) return `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`
    return NAMES[letter] ?? letter
  }).join('')
  return /^[.']/.test(safe) || safe === '' ? `\\&${safe}` : safe
}

const quoted = (text: string): string => `"${escaped(text)}"`
