import { choice, list } from '../../base/flags.ts'
import { interval, order, speed, tick } from '../source.ts'

/** Flags of price tables. */
export const tableFlags = {
  order,
  speed,
  columns: list('what a CSV file calls its columns, as symbol=Ticker,close=Last', {
    value: 'FIELD=COLUMN',
  }),
  interval,
  currency: choice('what prices are in where the symbol does not end in USD, USDT or USDC', [
    'sol',
    'usd',
  ]),
  tick,
}
