import type { Currency } from './formats/price-table.ts'

/** What pairs are quoted in; undefined where that is neither dollars nor SOL. */
const QUOTES: Record<string, Currency | undefined> = {
  USD: 'usd',
  USDT: 'usd',
  USDC: 'usd',
  BUSD: 'usd',
  FDUSD: 'usd',
  TUSD: 'usd',
  PYUSD: 'usd',
  USDE: 'usd',
  USDS: 'usd',
  USD1: 'usd',
  DAI: 'usd',
  SOL: 'sol',
  WSOL: 'sol',
  BTC: undefined,
  ETH: undefined,
  BNB: undefined,
  EUR: undefined,
}

/** Whether a word is something that prices are told in. */
export const isQuote = (word: string): boolean => {
  const quote = word.toUpperCase()
  // Bitcoin and ether are bought for dollars far more often than paid with.
  return (
    Object.hasOwn(QUOTES, quote) &&
    quote !== 'BTC' &&
    quote !== 'ETH' &&
    quote !== 'BNB' &&
    !quote.endsWith('SOL')
  )
}

/** A pair as exchanges write it. */
interface Pair {
  /** One spelling of it: `BTCUSDT`, of a perpetual `BTC/USDT:USDT`. */
  symbol: string
  /** What its prices are in; absent when that is neither dollars nor SOL. */
  currency: Currency | undefined
}

/** Word of freqtrade for the candles of a perpetual, which has prices of its own. */
const FUTURES = '-futures'
const PARTS = /^([A-Za-z0-9]{1,20})[/_-]([A-Za-z0-9]{2,5})(?:[:_]([A-Za-z0-9]{2,5}))?$/

/**
 * Reads `BTCUSDT`, `BTC_USDT`, `BTC/USDT`, `btc-usdt` and, of a perpetual, `BTC/USDT:USDT` or
 * `BTC_USDT_USDT`, as exchanges, ccxt and freqtrade write them. Without a separator only dollars
 * are told from the end of a name: a token may well be called …SOL. Undefined for anything else.
 */
export function pairOf(name: string): Pair | undefined {
  const isFuture = name.endsWith(FUTURES)
  const bare = isFuture ? name.slice(0, -FUTURES.length) : name
  const [, base = '', quote = '', settle] = PARTS.exec(bare.toUpperCase()) ?? []
  const end = isFuture ? FUTURES : ''
  if (Object.hasOwn(QUOTES, quote)) {
    const symbol = settle === undefined ? `${base}${quote}${end}` : `${base}/${quote}:${settle}`
    return { symbol, currency: QUOTES[quote] }
  }
  return /^[A-Za-z0-9]{1,20}USD[TC]?$/i.test(bare)
    ? { symbol: `${bare.toUpperCase()}${end}`, currency: 'usd' }
    : undefined
}
