import { UsageError } from '../lib/base/errors.ts'
import { bool, choice, grouped, int, list } from '../lib/base/flags.ts'
import { tool } from '../lib/cli/command.ts'
import { judgingFlags } from '../lib/report/judging-flags.ts'

export default tool({
  name: 'backtest',
  summary: 'Run a pipeline over a recording and judge what came of its trades',
  details:
    'The same steps as live, in one process and without a clock: a recording gives the ' +
    'bytes that `discover --source … | … | execute` gives. Files of --on are price tables ' +
    '(.csv, .parquet) or recorded lines; write the source as the first stage where it ' +
    'needs flags.\n\n' +
    'The report goes to stderr, with ratios and resampled trades in 95 % intervals.\n\n' +
    '--sweep prints one line per combination of flags instead, in the order of the grid, ' +
    'and what the best of so many is worth; with --folds what is chosen on each part of ' +
    'the time earns on the next, where nobody had looked.',
  flags: {
    on: list('files to run over: price tables or recordings', { value: 'FILE,…' }),
    write: choice(
      'what leaves: orders, fills and positions, also each line that led there, or the report',
      ['trades', 'all', 'report'],
      { default: 'trades' },
    ),
    ...grouped('Sweep', {
      sweep: list(
        'try values of a flag: STAGE --FLAG VALUE… or from..to:step; again for more flags',
        { value: 'AXIS' },
      ),
      folds: int('with --sweep: divide the time, choose on each part and trade the next', {
        default: 0,
        min: 0,
        max: 1000,
      }),
      by: choice('what the best combination is chosen by', ['profit', 'sharpe', 'win-rate'], {
        default: 'profit',
      }),
      threads: int('threads of a sweep (default: one per core)', { min: 1, max: 256 }),
    }),
    ...grouped('Judging', {
      ...judgingFlags,
    }),
    quiet: bool('no report and no summaries on stderr'),
  },
  args: {
    name: 'PIPELINE',
    doc: 'commands joined by |, in one argument (default: the whole line)',
    min: 0,
    max: 1,
  },
  examples: [
    "sluice backtest --on candles.parquet 'strategy --use dca | gate | execute' > trades.ndjson",
    "sluice backtest --on candles.parquet 'strategy | gate | execute' --sweep 'gate " +
      "--min-combined 0.5..0.8:0.05' --folds 5",
    "sluice backtest 'discover --source sim --days 3 | features | strategy | gate | execute' " +
      '--write report',
  ],
  async run({ flags, args, env, signal }, out) {
    const { runBacktest, DEFAULT_PIPELINE } = await import('../lib/backtest/run-backtest.ts')
    const { on: files = [], write: written, quiet: isQuiet } = flags
    const { resample, seed, ruin, period } = flags
    const judging = { resample, seed, ruin, period }
    const pipeline = args[0] ?? DEFAULT_PIPELINE
    if (flags.sweep !== undefined) {
      const { runSweep } = await import('../lib/backtest/run-sweep.ts')
      const { sweep: axes, folds, by, threads } = flags
      if (folds === 1) throw new UsageError('--folds: expected at least 2 parts, or 0 for none')
      await runSweep(
        { pipeline, files, axes, folds, by, threads, ...judging },
        { env, signal },
        out,
      )
      return
    }
    if (flags.folds > 0) throw new UsageError('--folds: there is nothing to choose without --sweep')
    await runBacktest({ pipeline, files, written, isQuiet, ...judging }, { env, signal }, out)
  },
})
