import { UsageError } from '../lib/base/errors.ts'
import { chartFlags } from '../lib/chart/chart-flags.ts'
import { tool } from '../lib/cli/command.ts'

export default tool({
  name: 'chart',
  summary: 'Draw a token as an SVG picture: candles, indicators, regime',
  details:
    'Reads lines of `features --sets sequence,pool` from files or stdin and writes one ' +
    'picture: the closed candles of the token with Bollinger bands and moving averages, ' +
    'volume, RSI, MACD, and the share of its pool’s snapshots in each regime.\n\n' +
    'Of several pools or bar lengths the one with most bars is drawn. What is unknown is a ' +
    'gap. Times are UTC; the same lines give the same bytes.',
  flags: chartFlags,
  args: { name: 'FILE', doc: 'lines of features, also .gz; stdin without one', min: 0, max: 1000 },
  examples: [
    'discover --source sim --days 1 | features --sets sequence,pool | sluice chart --mint ' +
      'RM7Va9tuUmWvxQ8SCsn7bgCwFMoPwZNn9QVyXvLpump > token.svg',
    'sluice chart --mint CATx7yq3v1mRf2u8kE5nWd4hZs9pLb6gTraJcQwXpump --bars 100 ' +
      'features.ndjson > cat.svg',
  ],
  async run({ flags, args, signal }, out) {
    const { mint, bars, log } = flags
    if (mint === undefined) throw new UsageError('name the token to draw: --mint MINT')
    const { runChart } = await import('../lib/chart/run-chart.ts')
    await runChart({ mint, bars, log, paths: args, signal }, out)
  },
})
