import { joinGroups } from '../../base/flag-groups.ts'
import { bool, file, int, sol, type Values } from '../../base/flags.ts'
import { ruleFlags } from '../../decide/rule-table.ts'
import type { TradeRule } from '../../decide/trade-case.ts'
import { TRADE_RULES } from '../../decide/trade-rules.ts'
import { COST_FLAGS } from '../paper/cost-flags.ts'
import { EXIT_FLAGS, ORDER_FLAGS } from '../trade-flags.ts'

const PAPER_FLAGS = {
  cash: sol(
    'cash at the start, in SOL or in the currency of the candles: amounts that no flag names are ' +
      'then the same share of it as of 10 SOL',
    { default: '10' },
  ),
  ...COST_FLAGS,
  costs: file(
    'trades that show what latency, failures, fees and slippage are like, where no flag says',
  ),
}
/** What is kept, on disk and in memory. */
const KEEPING_FLAGS = {
  ledger: file('where trades are kept: none, home ($SLUICE_HOME/ledger/paper.ndjson) or a file', {
    default: 'none',
  }),
  maxTokens: int('most tokens remembered at a time', { default: 100_000, min: 1 }),
}
const LIVE_FLAGS = {
  live: bool('trade for real instead of on paper', { argvOnly: true }),
  flatten: bool('sell all positions, or those of the mints given, and end (with --live)', {
    argvOnly: true,
  }),
  reclaim: bool(
    'close empty token accounts, take back what others hold above their deposit, of all tokens ' +
      'or those given, and end (with --live)',
    { argvOnly: true },
  ),
  dryRun: bool('with --reclaim: say what would come back, simulated, and sign nothing', {
    argvOnly: true,
  }),
}
const OTHERS = { ...PAPER_FLAGS, ...ORDER_FLAGS, ...EXIT_FLAGS, ...KEEPING_FLAGS, ...LIVE_FLAGS }

/** The flags of execute by what they are about, in the order of help, with the rules of a table. */
export const executeGroups = <const R extends readonly TradeRule[]>(rules: R) => ({
  'Trading on paper': PAPER_FLAGS,
  Orders: ORDER_FLAGS,
  'Rules before a buy': ruleFlags(rules, OTHERS),
  Exits: EXIT_FLAGS,
  'Ledger and memory': KEEPING_FLAGS,
  'Trading for real': LIVE_FLAGS,
})

export const EXECUTE_FLAGS = joinGroups(executeGroups(TRADE_RULES))
/** Durations in ms, amounts in lamports. */
export type ExecuteFlags = Values<typeof EXECUTE_FLAGS>
