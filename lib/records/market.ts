import {
  address,
  amount,
  bool,
  bps,
  change,
  count,
  map,
  maybe,
  name,
  object,
  positive,
  type Static,
  time,
} from './kit.ts'

/** One view of a pool: reserves, price, activity. */
export const Market = object('state of a pool', {
  dex: name('exchange program'),
  quoteMint: maybe(address('mint of the quote side')),
  baseDecimals: maybe(count('decimals of the token', 30)),
  quoteDecimals: maybe(count('decimals of the quote', 30)),
  feeBps: maybe(bps('pool fee')),
  isOpen: maybe(bool('swaps are possible')),
  openAt: maybe(time('first moment of trading')),
  baseAmount: maybe(amount('token reserve, net of fees owed')),
  quoteAmount: maybe(amount('quote reserve, net of fees owed, virtual quote included')),
  priceSol: maybe(positive('price of a whole token', 'SOL')),
  priceUsd: maybe(positive('price of a whole token', 'USD')),
  liquidityUsd: maybe(positive('value of both reserves', 'USD')),
  marketCapUsd: maybe(positive('price times supply', 'USD')),
  volumeUsd: maybe(map('traded value by window (m5, h1, h24)', positive('traded value', 'USD'))),
  buys: maybe(map('buy trades by window', count('trades'))),
  sells: maybe(map('sell trades by window', count('trades'))),
  priceChange: maybe(map('price change by window', change('price change'))),
  priorityFeeLamports: maybe(amount('recent priority fee for this pool', 'lamports')),
})
export type Market = Static<typeof Market>
