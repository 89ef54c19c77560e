import { UsageError } from '../lib/base/errors.ts'
import { bool, choice } from '../lib/base/flags.ts'
import { source } from '../lib/cli/command.ts'
import { sourceFlags } from '../lib/sources/source-flags.ts'
import { openSource, SOURCES, type SourceName } from '../lib/sources/sources.ts'

const names = Object.keys(SOURCES) as SourceName[]

export default source({
  name: 'discover',
  summary: 'Find tokens and watch them: lines from recordings, price tables or a simulated market',
  details:
    `Sources: ${Object.entries(SOURCES)
      .map(([name, { summary }]) => `${name} (${summary})`)
      .join(', ')}. ` +
    'A price table is brought into the order of time, on disk where its files are not in ' +
    'order; a candle is known at ' +
    'its close, so that is its ts. Between candles a tick line says when data has passed a ' +
    'multiple of --tick: the last ' +
    'one passed, at most one per distinct time.',
  writes: ['token', 'market', 'trade', 'candle', 'opportunity', 'gap'],
  flags: {
    source: choice('where lines come from', names),
    ...sourceFlags,
    listSources: bool('print what each source gives and needs, one JSON object per line'),
  },
  args: {
    name: 'FILE',
    doc: 'files to read, - for stdin; with --mints more mints or files of them',
  },
  examples: [
    'discover --source ohlcv BTCUSDT.csv.gz ETHUSDT.csv.gz | features --sets sequence',
    'discover --source ohlcv --columns symbol=Ticker,close=Last --interval 1d prices.csv',
    'discover --source replay --speed 60 recording.ndjson.gz',
    'discover --source sim --days 1 --seed 7 | features',
    'discover --mints mints.txt | journal events',
  ],
  contract: {
    args: ['--source', 'sim', '--seed', 'contract', '--days', '0.1'],
    endless: ['--source', 'sim', '--days', '365'],
  },
  async make(ctx) {
    const { source: name, listSources, ...flags } = ctx.flags
    if (listSources) {
      const { listing } = await import('../lib/sources/listing.ts')
      return listing()
    }
    if (name === undefined && ctx.flags.mints !== undefined)
      return openSource('live', { ...ctx, flags }, sourceFlags)
    if (name === undefined) throw new UsageError(`--source is needed: one of ${names.join(', ')}`)
    return openSource(name, { ...ctx, flags }, sourceFlags)
  },
})
