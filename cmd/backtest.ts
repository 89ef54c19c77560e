import { backtestFlags } from '../lib/backtest/backtest-flags.ts'
import { UsageError } from '../lib/base/errors.ts'
import { tool } from '../lib/cli/command.ts'

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
    'the time earns on the next, where nobody had looked.\n\n' +
    '--baseline runs a second pipeline over the same input, such as the same one without ' +
    'models: two `run` lines, their `difference` with a 95 % interval from periods drawn in ' +
    'blocks, the same for both, and `random`: as many entries of the same sizes at random ' +
    'among the lines that the gate of the first pipeline bought or refused. The same for ' +
    'people goes to stderr.',
  flags: backtestFlags,
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
    "sluice backtest --on candles.parquet --baseline 'strategy | gate --no-use-ml | execute'",
    "sluice backtest 'discover --source sim --days 3 | features | strategy | gate | execute' " +
      '--write report',
  ],
  async run({ flags, args, env, signal, isSet }, out) {
    const { runBacktest, DEFAULT_PIPELINE } = await import('../lib/backtest/run-backtest.ts')
    const { on: files = [], sweep: axes, ...options } = flags
    const pipeline = args[0] ?? DEFAULT_PIPELINE
    const { baseline } = flags
    if (baseline !== undefined) {
      if (axes !== undefined) throw new UsageError('--baseline: not with --sweep')
      if (isSet?.('write') === true) throw new UsageError('--baseline: not with --write')
      const { runBaseline } = await import('../lib/backtest/run-baseline.ts')
      await runBaseline({ ...options, pipeline, baseline, files }, { env, signal }, out)
      return
    }
    if (isSet?.('draws') === true)
      throw new UsageError('--draws: nothing to draw without --baseline')
    if (axes !== undefined) {
      const { runSweep } = await import('../lib/backtest/run-sweep.ts')
      if (flags.folds === 1)
        throw new UsageError('--folds: expected at least 2 parts, or 0 for none')
      await runSweep({ ...options, pipeline, files, axes }, { env, signal }, out)
      return
    }
    if (flags.folds > 0) throw new UsageError('--folds: there is nothing to choose without --sweep')
    await runBacktest({ ...options, pipeline, files }, { env, signal }, out)
  },
})
