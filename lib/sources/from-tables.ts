import { writingFlags } from '../table/time-flags.ts'
import { tableFlags } from './ohlcv/table-flags.ts'
import { intakeOf, interval, order, sourceKind, speed, tick } from './source.ts'

const { columns, symbol, currency, gaps } = tableFlags

/** Candles of price tables. */
export const fromTables = sourceKind({
  name: 'ohlcv',
  summary: 'candles of price tables',
  gives: ['candle', 'token', 'market', 'tick'],
  needs:
    'files of bars, recognised by their content: CSV with a header or without, Parquet, Feather ' +
    'and Arrow, JSON of freqtrade, CCXT, Birdeye or GeckoTerminal, .zip of Binance, plain, .gz ' +
    'or .zst, or - for stdin: symbol (or mint, pair; else --symbol or the name of the file, as ' +
    'BTCUSDT, SOL_USDT-5m or SOLUSDT-5m-2024-12), timestamp (or time, date, open_time), open, ' +
    'high, low, close, volume and perhaps trades; liquidity, marketCap, holders, ageHours and ' +
    'volume24h become token and market lines',
  flags: { order, speed, columns, interval, gaps, symbol, currency, ...writingFlags, tick },
  hasFiles: true,
  async make(ctx) {
    const { openOhlcv } = await import('./ohlcv/ohlcv-source.ts')
    const { args: paths, flags, isDeferring, time, count, log } = ctx
    const { warn, info: say } = log
    return openOhlcv({
      ...flags,
      paths,
      intake: intakeOf(ctx),
      isDeferring,
      time,
      count,
      warn,
      say,
    })
  },
})
