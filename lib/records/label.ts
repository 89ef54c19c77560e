import {
  bool,
  change,
  count,
  fraction,
  maybe,
  name,
  object,
  oneOf,
  positive,
  type Static,
  signedAmount,
  time,
} from './kit.ts'
import { OUTCOMES } from './prediction.ts'

export const HORIZONS = ['h1', 'h6', 'h24', 'n10', 'path'] as const

/** What happened after an anchor line, for one horizon. */
export const Label = object('an outcome', {
  horizon: oneOf('how far it looks', HORIZONS),
  basePriceSol: maybe(positive('price at the anchor', 'SOL')),
  return: maybe(change('return at the horizon')),
  peak: maybe(change('best return until the horizon')),
  trough: maybe(change('worst return until the horizon')),
  peakAt: maybe(time('time of the best price')),
  troughAt: maybe(time('time of the worst price')),
  coverage: maybe(fraction('share of the horizon with prices')),
  profitable: maybe(bool('best return within the hour reached +3 %')),
  maxProfit: maybe(change('best return within the hour')),
  rug: maybe(bool('worst return ≤ −80 % or liquidity −90 %')),
  outcome: maybe(oneOf('class of the return', OUTCOMES)),
  whaleTrades: maybe(count('whale trades until the horizon')),
  futureMaxGain: maybe(change('best of the next ten snapshots')),
  willMoon: maybe(bool('best of the next ten snapshots above +15 %')),
  willRug: maybe(bool('best of the next ten snapshots below −50 %')),
  success: maybe(bool('the path still paid two seconds later')),
  profitLamports: maybe(signedAmount('what it paid then')),
  censored: bool('the token went quiet before the horizon'),
  reason: maybe(name('why it is censored')),
  availableAt: time('when this was known'),
})
export type Label = Static<typeof Label>
