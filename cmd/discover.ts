import { UsageError } from '../lib/base/errors.ts'
import { bool, choice, type Values } from '../lib/base/flags.ts'
import { type Command, source } from '../lib/cli/command.ts'
import { joined, plugged } from '../lib/plugins/plugged.ts'
import { identityOf, type Plugin } from '../lib/plugins/plugin.ts'
import { fromLive } from '../lib/sources/from-live.ts'
import type { SourceKind } from '../lib/sources/source.ts'
import { openSource, SOURCES, sourceFlags } from '../lib/sources/sources.ts'

/** The source that flags ask for: `--mints` alone follows them live. */
const nameOf = (flags: { source?: string | undefined; mints?: unknown }): string | undefined =>
  flags.source ?? (flags.mints === undefined ? undefined : fromLive.name)

/**
 * The command over a list of sources: those of this program, or more of the same shape, some of
 * them from plugins.
 */
export function discoverOver(
  sources: readonly SourceKind[],
  plugins: readonly Plugin[] = [],
): Command {
  const names = sources.map(({ name }) => name)
  const own = {
    source: choice('where lines come from', names),
    listSources: bool('print what each source gives and needs, one JSON object per line'),
  }
  return source({
    name: 'discover',
    summary:
      'Find tokens and watch them: lines from recordings, price tables or a simulated market',
    details:
      `Sources: ${sources.map(({ name, summary }) => `${name} (${summary})`).join(', ')}.\n\n` +
      'A price table is brought into the order of time, on disk where its files are not in ' +
      'order; a candle is known at its close, so that is its ts. Between candles a tick line ' +
      'says when data has passed a multiple of --tick: the last one passed, at most one per ' +
      'distinct time.',
    writes: ['token', 'market', 'trade', 'candle', 'opportunity', 'gap'],
    flags: { ...own, ...sourceFlags(sources, Object.keys(own)) },
    args: {
      name: 'FILE',
      doc: 'files to read, - for stdin; with --mints more mints or files of them',
      names: 'journals',
      files: true,
    },
    writesHome({ flags }) {
      const name = nameOf(flags as Values<typeof own>)
      return sources.some(each => each.name === name && each.writesHome === true)
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
    identity: ({ flags }) =>
      identityOf(plugins, [nameOf(flags) ?? ''], plugin => plugin.sources.map(({ name }) => name)),
    async make(ctx) {
      const { source: _, listSources, ...flags } = ctx.flags as Values<typeof own>
      if (listSources) {
        const { listing } = await import('../lib/sources/listing.ts')
        return listing(sources)
      }
      const name = nameOf(ctx.flags)
      if (name === undefined) throw new UsageError(`--source is needed: one of ${names.join(', ')}`)
      return openSource(name, { ...ctx, flags }, sources)
    },
  })
}

const adds = (plugin: Plugin): readonly SourceKind[] => plugin.sources

export default plugged(
  plugins => discoverOver(joined('source', SOURCES, plugins.flatMap(adds)), plugins),
  { adds },
)
