import {
  amount,
  bps,
  count,
  fraction,
  id,
  maybe,
  name,
  object,
  oneOf,
  positive,
  type Static,
} from './kit.ts'

/** Stands for the currency of candles that do not say it; cash is then counted in that. */
export const UNKNOWN_CURRENCY = 'unknown'

/** The currency that a line names. Lines of older versions call an unknown one unstated. */
export const currencyNamed = (name: string): string =>
  name === 'unstated' ? UNKNOWN_CURRENCY : name

/** What a trade really moved. */
export const Fill = object('a fill', {
  intent: id('order it fills'),
  position: maybe(id('position it belongs to')),
  side: oneOf('what was done with the token', ['buy', 'sell']),
  inAmount: amount('paid'),
  outAmount: amount('received'),
  baseDecimals: maybe(count('decimals of the token', 30)),
  currency: maybe(name('currency of the cash side when it is not lamports')),
  priceSol: maybe(positive('realised price of a whole token', 'SOL')),
  poolFeeAmount: maybe(amount('fee kept by the pool, in the mint paid')),
  feeLamports: amount('network fee', 'lamports'),
  priorityFeeLamports: amount('priority fee', 'lamports'),
  tipLamports: maybe(amount('tip', 'lamports')),
  rentLamports: maybe(amount('rent deposited for a token account', 'lamports')),
  rentReturnedLamports: maybe(
    amount('rent that came back with a sale; absent = all of it with the last token', 'lamports'),
  ),
  impact: maybe(fraction('price impact')),
  gapBps: maybe(bps('realised against quoted price')),
  slots: maybe(count('slots from decision to landing')),
  costs: maybe(
    object('over candles: what cash paid beside what was paid and received', {
      poolLamports: amount('fee of the pool', 'lamports'),
      impactLamports: maybe(
        amount('price impact; absent = nothing tells liquidity or volume', 'lamports'),
      ),
      slippageLamports: amount('slippage', 'lamports'),
      askedBps: bps('what the settings ask of this side, fees of the transaction included'),
    }),
  ),
  chain: maybe(name('the chain, or the model of one, that it landed on')),
})
export type Fill = Static<typeof Fill>

/** Cash that a fill cost beside what was paid and received and the fees of its transaction. */
export const besideOf = ({ costs }: Pick<Fill, 'costs'>): bigint =>
  costs === undefined
    ? 0n
    : BigInt(costs.poolLamports) +
      BigInt(costs.impactLamports ?? '0') +
      BigInt(costs.slippageLamports)
