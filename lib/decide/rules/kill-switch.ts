import { holds, type Rule } from '../rule.ts'
import type { TradeCase } from '../trade-case.ts'

/** A file that stops all buying while it exists. Sells go on. */
export const killSwitch: Rule<TradeCase> = {
  name: 'kill-switch',
  doc: 'the file of --kill-switch does not exist',
  unit: 'boolean',
  judge: ({ isKilled }) => holds(!isKilled),
}
