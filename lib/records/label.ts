import {
  bool,
  change,
  count,
  fraction,
  matching,
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

/** Horizons when none are named. */
export const HORIZONS = ['h1', 'h6', 'h24', 'n10', 'path'] as const
/** Names of horizons: minutes, hours, days, snapshots; and path. */
export const HORIZON = '^([mhdn][1-9][0-9]{0,4}|path)$'

/** What happened after an anchor line, for one horizon. */
export const Label = object('an outcome', {
  horizon: matching('how far it looks: h1 is an hour, n10 ten snapshots', HORIZON),
  hash: maybe(name('what it means: its horizon and every setting it is computed from')),
  basePriceSol: maybe(positive('price at the anchor', 'SOL')),
  return: maybe(change('return at the horizon')),
  peak: maybe(change('best return until the horizon')),
  trough: maybe(change('worst return until the horizon')),
  peakAt: maybe(time('time of the best price')),
  troughAt: maybe(time('time of the worst price')),
  coverage: maybe(fraction('share of the horizon with prices')),
  profitable: maybe(bool('best return within --profit-within reached --profit')),
  maxProfit: maybe(change('best return within --profit-within, or until an earlier horizon')),
  rug: maybe(bool('worst return ≤ −--rug-loss or liquidity −--rug-drain')),
  outcome: maybe(oneOf('class of the return, by --bounds', OUTCOMES)),
  quiet: maybe(
    oneOf('what it counts as, the token having no price in the last quarter of the horizon', [
      'unknown',
      'loss',
      'last',
    ]),
  ),
  whaleTrades: maybe(count('whale trades until the horizon')),
  futureMaxGain: maybe(change('best of the next snapshots')),
  willMoon: maybe(bool('best of the next snapshots above --moon-gain')),
  willRug: maybe(bool('best of the next snapshots below −--will-rug-loss: almost never, see rug')),
  success: maybe(bool('the path still paid two seconds later')),
  profitLamports: maybe(signedAmount('what it paid then')),
  censored: bool('its outcome is not known, see reason'),
  reason: maybe(name('why it is censored')),
  availableAt: time('when this was known'),
})
export type Label = Static<typeof Label>
