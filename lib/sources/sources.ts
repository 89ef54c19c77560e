import { UsageError } from '../base/errors.ts'
import { type Flags, kebab } from '../base/flags.ts'
import type { Ctx } from '../cli/command.ts'
import type { PartName } from '../records/parts.ts'
import type { Source } from '../stream/step.ts'
import { liveFlags } from './live/live-flags.ts'
import type { sourceFlags } from './source-flags.ts'

export type SourceCtx = Ctx<typeof sourceFlags>

/** A way to get lines. */
export interface SourceKind {
  summary: string
  /** Kinds of lines it makes. */
  gives: readonly (PartName | 'tick' | 'any')[]
  needs: string
  /** Flags that mean something to it; others are refused, not ignored. */
  flags: readonly string[]
  /** Takes files as arguments; `perhaps` leaves that to the source. */
  hasFiles: boolean | 'perhaps'
  make(ctx: SourceCtx): Promise<Source>
}

const intakeOf = (ctx: SourceCtx) => (path: string) => ctx.intake(path === '-' ? '' : path)

function countAll(ctx: SourceCtx, counts: object): void {
  for (const [what, n] of Object.entries(counts)) if (n > 0) ctx.count(what, n)
}

/** Every source of discover by name. The only list of sources. */
export const SOURCES = {
  replay: {
    summary: 'recorded lines, byte for byte',
    gives: ['any'],
    needs: 'NDJSON files, plain, .gz or .zst (.zst from Node 22.15), or - for stdin',
    flags: ['order', 'speed', 'candles'],
    hasFiles: true,
    async make(ctx) {
      const { openReplay } = await import('./replay.ts')
      const { candles, order = 'file' } = ctx.flags
      const source = await openReplay({ paths: ctx.args, order, intake: intakeOf(ctx) })
      if (candles === undefined) return source
      const { withCandles } = await import('./close-candles.ts')
      return {
        lines: signal =>
          withCandles(source.lines(signal), candles, counts => countAll(ctx, counts)),
      }
    },
  },
  ohlcv: {
    summary: 'candles of price tables',
    gives: ['candle', 'tick'],
    needs:
      'CSV files with a header, plain, .gz or .zst, or - for stdin, or .parquet: symbol (or ' +
      'mint, pair; else the name of the file), ' +
      'timestamp (or time, date, open_time), open, high, low, close, volume and perhaps trades',
    flags: ['order', 'speed', 'columns', 'interval', 'currency', 'tick'],
    hasFiles: true,
    async make(ctx) {
      const { openOhlcv } = await import('./ohlcv/ohlcv-source.ts')
      const { columns = [], interval, currency, tick, order = 'time' } = ctx.flags
      const { isDeferring } = ctx
      return openOhlcv({
        paths: ctx.args,
        columns,
        interval,
        currency,
        tick,
        order,
        intake: intakeOf(ctx),
        isDeferring,
      })
    },
  },
  sim: {
    summary: 'a simulated market, for trying things out without a network',
    gives: ['token', 'market', 'trade', 'candle', 'tick'],
    needs:
      'nothing: the same --seed gives the same lines; with --state DIR it goes on where it ' +
      'stopped (making a day again takes about a second)',
    flags: [
      'seed',
      'days',
      'tokensPerHour',
      'snapshot',
      'startAt',
      'turnDay',
      'candles',
      'tick',
      'speed',
      'state',
    ],
    hasFiles: false,
    async make(ctx) {
      const { makeSimSource, simOptions } = await import('./sim/sim-source.ts')
      const { candles = 300_000, tick } = ctx.flags
      if (tick < 1000)
        throw new UsageError('--tick: --source sim needs at least 1s, its candles close on ticks')
      const { state } = ctx.flags
      return makeSimSource(simOptions({ ...ctx.flags, candles }), state, ctx.interrupted)
    },
  },
  journal: {
    summary: 'lines that journal wrote, in order of arrival, and what is being written',
    gives: ['any'],
    needs: 'the name of a journal in $SLUICE_HOME/journal',
    flags: ['follow', 'after', 'warm', 'from', 'speed'],
    hasFiles: true,
    async make(ctx) {
      const { openJournalSource } = await import('../store/journal/journal-source.ts')
      return openJournalSource(ctx.home, ctx.args, ctx.flags, ctx.count)
    },
  },
  live: {
    summary: 'tokens as they trade now, from public APIs and sockets',
    gives: ['token', 'market', 'trade', 'candle', 'opportunity', 'tick', 'gap'],
    needs: 'a network; --mints follows own tokens with candles of the past first, without a key',
    flags: [...Object.keys(liveFlags), 'interval', 'candles', 'tick'],
    hasFiles: 'perhaps',
    async make(ctx) {
      const { mints, candles } = ctx.flags
      if (mints !== undefined && candles !== undefined)
        throw new UsageError(
          '--candles is not for --mints: its candles come from a provider, --interval is ' +
            'their length',
        )
      const { openLive } = await import('./open-live.ts')
      const source = await openLive(ctx)
      if (mints !== undefined) return source
      const { withCandles } = await import('./close-candles.ts')
      return {
        ...source,
        lines: signal =>
          withCandles(source.lines(signal), candles ?? 300_000, counts => countAll(ctx, counts)),
      }
    },
  },
} as const satisfies Record<string, SourceKind>

export type SourceName = keyof typeof SOURCES

/** Opens a source by name. Throws a UsageError for files or flags that it has no use for. */
export async function openSource(
  name: SourceName,
  ctx: SourceCtx,
  declared: Flags,
): Promise<Source> {
  const kind: SourceKind = SOURCES[name]
  if (kind.hasFiles === true && ctx.args.length === 0)
    throw new UsageError(`--source ${name} needs ${kind.needs}`)
  if (!kind.hasFiles && ctx.args.length > 0) throw new UsageError(`--source ${name} takes no files`)
  refuseForeignFlags(name, kind, ctx.flags, declared)
  const source = await kind.make(ctx)
  const { speed } = ctx.flags
  if (speed === undefined) return source
  const { paced } = await import('./pace.ts')
  const pace = { speed, from: source.resumedTs }
  return { ...source, lines: signal => paced(source.lines(signal), pace, signal) }
}

/**
 * A flag that is silently without effect is a mistake nobody sees: `--columns` with replay is
 * refused.
 */
function refuseForeignFlags(
  name: string,
  kind: SourceKind,
  values: Record<string, unknown>,
  declared: Flags,
): void {
  for (const [flag, { default: fallback }] of Object.entries(declared)) {
    const isGiven = values[flag] !== undefined && values[flag] !== fallback
    if (!isGiven || kind.flags.includes(flag)) continue
    const owners = Object.entries(SOURCES).filter(([, one]) =>
      (one.flags as readonly string[]).includes(flag),
    )
    throw new UsageError(
      `--${kebab(flag)} is for --source ${owners.map(([owner]) => owner).join(' or ')}, not ${name}`,
    )
  }
}

/** One row per source for --list-sources. */
export const describeSources = (): Record<string, unknown>[] =>
  Object.entries(SOURCES as Record<string, SourceKind>).map(
    ([source, { summary, gives, needs, flags }]) => ({
      source,
      summary,
      gives,
      needs,
      flags: flags.map(flag => `--${kebab(flag)}`),
    }),
  )
