import { armFields } from './arm.ts'
import {
  amount,
  bool,
  change,
  count,
  duration,
  fraction,
  id,
  map,
  maybe,
  name,
  number,
  object,
  oneOf,
  positive,
  type Static,
  signedAmount,
  time,
} from './kit.ts'

export const EXITS = [
  'take-profit',
  'stop-loss',
  'trailing-stop',
  'time-stop',
  'rug',
  'strategy',
  'model',
  'manual',
  'external',
] as const

/** A holding from first buy to last sell, with what it taught. */
export const Position = object('a position', {
  id: id('position'),
  status: oneOf('state', ['open', 'closed', 'orphan']),
  exit: maybe(oneOf('why it was closed', EXITS)),
  openedAt: time('first fill'),
  closedAt: maybe(time('last fill')),
  boughtAmount: amount('tokens bought'),
  amount: amount('tokens still held'),
  entryPriceSol: maybe(positive('average price paid', 'SOL')),
  costLamports: amount('put in', 'lamports'),
  proceedsLamports: amount('taken out', 'lamports'),
  feesLamports: amount('network, priority and tip fees, over candles all costs', 'lamports'),
  rentLamports: amount('rent still deposited', 'lamports'),
  pnlLamports: maybe(signedAmount('proceeds − cost − fees')),
  pnl: maybe(number('the same over cost', 'fraction')),
  unrealizedLamports: maybe(
    signedAmount('value of what is held at the last price, minus its cost'),
  ),
  peak: maybe(change('best return while held')),
  entry: maybe(
    object('why it was opened', {
      decision: id('line of the decision'),
      confidence: maybe(fraction('confidence')),
      scores: maybe(map('score by role', fraction('score'))),
      rugRisk: maybe(fraction('rug risk')),
      ...armFields,
    }),
  ),
  outcome: maybe(
    object('what the prediction should have been', {
      profitable: bool('made money after costs'),
      maxProfit: change('best return while held'),
      rug: bool('lost 80 % or the liquidity'),
      holdTimeMinutes: positive('time held', 'minutes'),
    }),
  ),
  mode: maybe(name('paper or live')),
})
export type Position = Static<typeof Position>

/** What an account is worth at the end of a period, positions at what they would bring. */
export const Equity = object('what an account was worth', {
  fromAt: time('first moment that the run knows of'),
  everyMs: duration('length of a period; the last may be shorter'),
  startLamports: amount('cash at the start', 'lamports'),
  cashLamports: signedAmount('cash'),
  equityLamports: signedAmount('cash, deposits, and positions at what they would bring'),
  realisedLamports: signedAmount('cash at the start and the profit of what was closed'),
  unpriced: count('positions without a price, counted at their cost'),
})
export type Equity = Static<typeof Equity>
