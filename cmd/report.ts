import { tool } from '../lib/command.ts'
import { choice, sol } from '../lib/flags.ts'
import { judgingFlags } from '../lib/report/flags.ts'

export default tool({
  name: 'report',
  summary: 'Add up what came of the trades',
  details:
    'Reads the order, fill and position lines of execute, or its ledger, from files or stdin: trades, profit after ' +
    'costs, win rate with its 95 % interval, drawdown, costs by kind, exits, orders by how they ended, refused buys ' +
    'by rule, and wins by the confidence at entry. Text on a terminal, else NDJSON.',
  flags: {
    cash: sol('cash at the start, which the drawdown is a share of', { default: '10' }),
    ...judgingFlags,
    format: choice('how to write it', ['auto', 'text', 'ndjson'], { default: 'auto' }),
  },
  args: { name: 'FILE', doc: 'lines of execute, also .gz; stdin without one', min: 0, max: 1000 },
  examples: [
    'execute < decided.ndjson | sluice report',
    'sluice report --format text $SLUICE_HOME/ledger/paper.ndjson',
  ],
  async run({ flags, args, signal }, out) {
    const { runReport } = await import('../lib/report/run-report.ts')
    const isText = flags.format === 'text' || (flags.format === 'auto' && process.stdout.isTTY === true)
    const { cash, resample: runs, seed, ruin, period: periodMs } = flags
    await runReport({ paths: args, cash, isText, signal, runs, seed, ruin, periodMs }, out)
  },
})
