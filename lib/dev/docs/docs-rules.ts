import type { Flags } from '../../base/flags.ts'
import { flagName } from '../../cli/manual/manual.ts'
import { GATE_RULES } from '../../decide/gate-rules.ts'
import type { Rule } from '../../decide/rule.ts'
import { TRADE_RULES } from '../../decide/trade-rules.ts'

/** One table per command with rules: each rule in the order in which it is judged. */
export const ruleReference = async (): Promise<string> =>
  `${sectionOf('gate', GATE_RULES)}\n\n${sectionOf('execute', TRADE_RULES)}\n\n`

/** A table of rules with the heading of their command. */
export function sectionOf(command: string, rules: readonly Rule<never>[]): string {
  const head = '| rule | passes when | unit | unknown when | flags |\n|---|---|---|---|---|\n'
  return `### rules of ${command}\n\n${head}${rules.map(rowOf).join('\n')}`
}

function rowOf({ name, doc, unit, unknown, flags, on }: Rule<never>): string {
  const cells = [
    `\`${name}\``,
    doc,
    unit,
    unknown,
    flagsOf(flags) + (on ? '' : '; off unless given'),
  ]
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

const flagsOf = (flags: Flags): string =>
  Object.entries(flags)
    .map(([key, flag]) => `\`${flagName(key, flag)}\``)
    .join(' ')
