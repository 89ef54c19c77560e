import { UsageError } from '../base/errors.ts'
import { liveFlags } from './live/live-flags.ts'
import { candles, closing, interval, sourceKind, tick } from './source.ts'

/** A bar of live trades where --candles does not say another length. */
const BAR_MS = 300_000

export const liveSourceFlags = { ...liveFlags, interval, candles, tick }

/** Tokens as they trade now. */
export const fromLive = sourceKind({
  name: 'live',
  summary: 'tokens as they trade now, from public APIs and sockets',
  gives: ['token', 'market', 'trade', 'candle', 'opportunity', 'tick', 'gap'],
  needs: 'a network; --mints follows own tokens with candles of the past first, without a key',
  flags: liveSourceFlags,
  hasFiles: 'perhaps',
  writesHome: true,
  async make(ctx) {
    const { mints, candles: length } = ctx.flags
    if (mints !== undefined && length !== undefined)
      throw new UsageError(
        '--candles is not for --mints: its candles come from a provider, --interval is ' +
          'their length',
      )
    const { openLive } = await import('./open-live.ts')
    const source = await openLive(ctx)
    return mints === undefined ? closing(source, length ?? BAR_MS, ctx) : source
  },
})
