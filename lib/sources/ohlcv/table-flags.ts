import { choice, list, text } from '../../base/flags.ts'

/** Flags that price tables alone have. */
export const tableFlags = {
  gaps: choice(
    'bars that a file leaves out, as nobody traded: fill them as live candles are, keep the ' +
      'gap, or refuse it',
    ['fill', 'keep', 'refuse'],
    { default: 'fill' },
  ),
  columns: list('what a file calls its columns, or their places, as symbol=Ticker,close=5', {
    value: 'FIELD=COLUMN',
  }),
  symbol: text('instrument of files without a column for it (default: the name of the file)', {
    value: 'NAME',
  }),
  currency: choice('what prices are in where the symbol does not say: not …USDT, …/SOL', [
    'sol',
    'usd',
  ]),
}
