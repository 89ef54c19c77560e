import { UsageError } from '../lib/base/errors.ts'
import { sol } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'
import { reportFlags } from '../lib/report/report-flags.ts'
import { EXECUTE_FLAGS } from '../lib/trade/execute/execute-flags.ts'

export default tool({
  name: 'report',
  summary: 'Add up what came of the trades',
  details:
    'Reads the order, fill and position lines of execute, or its ledger, from files or ' +
    'stdin: trades, profit after costs, win rate with its 95 % interval, drawdown, costs ' +
    'by kind, exits, orders by how they ended, refused buys by rule, wins by the ' +
    'confidence at entry, Sharpe and Sortino ratios, exposure, and what other luck could ' +
    'have made of the same trades.\n\n' +
    'With --labels (`label --every 0 --with decision`) what refused trades would have ' +
    'returned by rule, and what was bought against no model and against random entries. ' +
    'Where gate --split gave tokens to two sides, both are compared, with an interval by token; ' +
    '--keep-arms keeps that.\n\n' +
    'With --diff two files are compared decision by decision, by the id of its line: each ' +
    'decision, order, fill and exit on which they differ, and why (missing-a, missing-b, side, ' +
    'state, size, price, cost, time, reason). Decisions are compared where both files tell ' +
    'them; a ledger keeps no refusals, and none is missed in it.\n\n' +
    'Text on a terminal, else NDJSON; --html writes one page that needs nothing else.',
  flags: {
    cash: sol(
      'cash at the start, which drawdown and returns are shares of (default: as the ledger or a ' +
        `mark tells, else ${EXECUTE_FLAGS.cash.shown!})`,
    ),
    ...reportFlags,
  },
  args: { name: 'FILE', doc: 'lines of execute, also .gz; stdin without one', min: 0, max: 1000 },
  examples: [
    'sluice report --labels labelled.ndjson --html report.html $SLUICE_HOME/ledger/paper.ndjson',
    'execute < decided.ndjson | sluice report',
    'sluice report --diff $SLUICE_HOME/ledger/paper.ndjson backtest.ndjson',
    'sluice report --format text $SLUICE_HOME/ledger/paper.ndjson',
  ],
  writesHome: ({ flags }) => flags.keepArms === true,
  async run({ flags, args, home, signal }, out) {
    const { runReport } = await import('../lib/report/run-report.ts')
    const format =
      flags.format === 'auto' ? (process.stdout.isTTY === true ? 'text' : 'ndjson') : flags.format
    if (flags.diff) {
      const { runDiff } = await import('../lib/report/diff/run-diff.ts')
      await runDiff({ paths: args, check: flags.check, isText: format !== 'ndjson', signal }, out)
      return
    }
    if (flags.check) throw new UsageError('--check: nothing to check without --diff')
    await runReport({ ...flags, home, paths: args, format, signal }, out)
  },
})
