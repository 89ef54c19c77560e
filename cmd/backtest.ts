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
    'people goes to stderr.\n\n' +
    '--from-ledger trades the decisions of a paper or live run again on paper: those of the ' +
    'journal decisions unless --on or a source names others, in execute alone unless a ' +
    'pipeline is given, with the cash of the ledger. It writes each order, fill and exit on ' +
    'which both differ, as `report --diff` does, and scores the paper model: each order of ' +
    'the run is drawn 400 times in the market in which it was placed, and what became of it ' +
    'is held against that: the share that landed, and how often slots to land, cost and fill ' +
    'lie inside the 95 % interval of the draws. A line per `week` (from Monday, UTC), then ' +
    '`paper` over all; `verdict` is like, unlike, or too-few below 30 orders.',
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
    "sluice backtest --from-ledger $SLUICE_HOME/ledger/live.ndjson 'execute --costs fitted.ndjson'",
  ],
  async run({ flags, args, env, signal, isSet }, out) {
    const { runBacktest, DEFAULT_PIPELINE } = await import('../lib/backtest/run-backtest.ts')
    const { on: files = [], sweep: axes, ...options } = flags
    const { baseline, fromLedger: ledger } = flags
    if (ledger !== undefined) {
      for (const other of ['sweep', 'baseline', 'write', 'folds', 'draws'])
        if (isSet?.(other) === true) throw new UsageError(`--from-ledger: not with --${other}`)
      const { runFromLedger } = await import('../lib/backtest/run-from-ledger.ts')
      const from = { ledger, pipeline: args[0], files, quiet: flags.quiet }
      await runFromLedger(from, { env, signal }, out)
      return
    }
    const pipeline = args[0] ?? DEFAULT_PIPELINE
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
