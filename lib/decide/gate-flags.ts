import { joinGroups } from '../base/flag-groups.ts'
import { bool, int } from '../base/flags.ts'
import { SCORE_FLAGS } from './combine.ts'
import type { GateRule } from './gate-case.ts'
import { GATE_RULES } from './gate-rules.ts'
import { ruleFlags } from './rule-table.ts'
import { SIZE_FLAGS } from './sizing.ts'

/** What is written, and what is remembered. */
const OUTPUT_FLAGS = {
  explain: bool('write every rule with its value and limit'),
  onlyPassed: bool('leave out lines that were dropped or held'),
  maxTokens: int('most tokens remembered at a time', { default: 100_000, min: 1 }),
}
const OTHERS = { ...SCORE_FLAGS, ...SIZE_FLAGS, ...OUTPUT_FLAGS }

/** The flags of gate by what they are about, in the order of help, with the rules of a table. */
export const gateGroups = <const R extends readonly GateRule[]>(rules: R) => ({
  Scores: SCORE_FLAGS,
  Rules: ruleFlags(rules, OTHERS),
  'Size of a buy': SIZE_FLAGS,
  'Output and memory': OUTPUT_FLAGS,
})

export const GATE_FLAGS = joinGroups(gateGroups(GATE_RULES))
