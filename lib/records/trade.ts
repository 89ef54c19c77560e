import { address, amount, count, maybe, name, object, oneOf, positive, type Static } from './kit.ts'

/** One swap on chain. */
export const Trade = object('a swap', {
  dex: name('exchange program'),
  quoteMint: maybe(address('mint of the quote side')),
  baseDecimals: maybe(count('decimals of the token', 30)),
  quoteDecimals: maybe(count('decimals of the quote', 30)),
  side: oneOf('what the wallet did with the token', ['buy', 'sell']),
  wallet: maybe(address('who traded')),
  baseAmount: amount('tokens moved'),
  quoteAmount: amount('quote moved'),
  priceSol: maybe(positive('price of a whole token', 'SOL')),
  volumeUsd: maybe(positive('traded value', 'USD')),
  signature: maybe(name('transaction signature')),
  index: maybe(name('instruction and inner instruction')),
  baseReserveAmount: maybe(amount('token reserve after the trade')),
  quoteReserveAmount: maybe(amount('quote reserve after the trade')),
})
export type Trade = Static<typeof Trade>
