import { bool, choice, duration, list, num, text } from '../base/flags.ts'
import { liveFlags } from './live/live-flags.ts'
import { simFlags } from './sim/sim-flags.ts'

/**
 * Flags of all sources. Which source takes which: sources.ts. What means something different to
 * each source has no default here; the source has it.
 */
export const sourceFlags = {
  order: choice(
    'files merged by time, or one after the other (default: time for ohlcv, file for replay)',
    ['time', 'file'],
  ),
  speed: num('seconds of event time per second (default: as fast as possible)', {
    min: 1e-6,
    max: 1e9,
  }),
  columns: list('what a CSV file calls its columns, as symbol=Ticker,close=Last', {
    value: 'FIELD=COLUMN',
  }),
  interval: duration('length of a bar (default: the most common step of each symbol)', {
    min: '1s',
    max: '31d',
  }),
  currency: choice('what prices are in where the symbol does not end in USD, USDT or USDC', [
    'sol',
    'usd',
  ]),
  ...simFlags,
  ...liveFlags,
  candles: duration(
    'close candles of this length from trades (default: none for replay, 5m for sim and live)',
    {
      min: '1s',
      max: '1d',
    },
  ),
  tick: duration('event time between two tick lines; 0 for none', { default: '10s', max: '1h' }),
  follow: bool('at the end of the journal, wait for more'),
  after: text('a journal made from this one: start behind the newest line that is in it', {
    value: 'NAME',
  }),
  warm: duration(
    'with --after: event time before that point that is replayed to rebuild state, marked warm',
    {
      default: '0',
      max: '90d',
    },
  ),
  from: text('first UTC day wanted', {
    value: 'YYYY-MM-DD',
    pattern: /^\d{4}-\d\d-\d\d$/,
    expected: 'a day like 2026-11-20',
  }),
}
