import { bool, count, duration, maybe, object, oneOf, positive, type Static, time } from './kit.ts'

/** A closed bar. The line's ts is its close. */
export const Candle = object('a closed bar', {
  intervalMs: duration('length of the bar'),
  openAt: time('start of the bar'),
  open: positive('first price', 'currency'),
  high: positive('highest price', 'currency'),
  low: positive('lowest price', 'currency'),
  close: positive('last price', 'currency'),
  volume: positive('whole tokens traded', 'tokens'),
  currency: maybe(oneOf('what prices are in', ['sol', 'usd'])),
  trades: maybe(count('trades in the bar')),
  filled: maybe(bool('no trade in the bar: flat at the last close')),
})
export type Candle = Static<typeof Candle>
