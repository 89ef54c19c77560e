import { tool } from '../lib/command.ts'
import { bool, choice, list } from '../lib/flags.ts'
import { judgingFlags } from '../lib/report/flags.ts'

export default tool({
  name: 'backtest',
  summary: 'Run a pipeline over a recording and judge what came of its trades',
  details:
    'The same steps as live, in one process and without a clock: a recording gives the bytes that `discover --source … | ' +
    '… | execute` gives. Files of --on are price tables (.csv, .parquet) or recorded lines; write the source as the ' +
    'first stage where it needs flags. The report goes to stderr, with ratios and resampled trades in 95 % intervals.',
  flags: {
    on: list('files to run over: price tables or recordings', { value: 'FILE,…' }),
    write: choice(
      'what leaves: orders, fills and positions, also each line that led there, or the report',
      ['trades', 'all', 'report'],
      { default: 'trades' },
    ),
    ...judgingFlags,
    quiet: bool('no report and no summaries on stderr'),
  },
  args: { name: 'PIPELINE', doc: 'commands joined by |, in one argument (default: the whole line)', min: 0, max: 1 },
  examples: [
    "sluice backtest --on candles.parquet 'strategy --use dca | gate | execute' > trades.ndjson",
    "sluice backtest 'discover --source sim --days 3 | features | strategy | gate | execute' --write report",
  ],
  async run({ flags, args, env, signal }, out) {
    const { runBacktest, DEFAULT_PIPELINE } = await import('../lib/backtest/run-backtest.ts')
    const { on: files = [], write: written, quiet: isQuiet, resample: runs, seed, ruin, period: periodMs } = flags
    const pipeline = args[0] ?? DEFAULT_PIPELINE
    await runBacktest({ pipeline, files, written, isQuiet, runs, seed, ruin, periodMs }, { env, signal }, out)
  },
})
