import { cashFor, tokensFor, UNTOLD_DECIMALS } from '../market/candle-fill.ts'
import { swapExactIn } from '../market/constant-product.ts'
import { MAX_AMOUNT } from '../market/ratio.ts'
import type { Candle } from '../records/candle.ts'
import { UNKNOWN_CURRENCY } from '../records/fill.ts'
import type { Quote } from './venue.ts'
import { reservesFor, type Seen } from './view.ts'

/**
 * What an order would get at the newest known state: the constant-product result with the pool's
 * fee where reserves are known, else the amount at the last close. Undefined when the token has no
 * price.
 */
export function quoteOf(
  seen: Seen,
  side: 'buy' | 'sell',
  amount: bigint,
  pool: string | undefined,
): Quote | undefined {
  const reserves = reservesFor(seen, pool)
  if (reserves !== undefined) {
    const { baseDecimals, feeBps } = reserves
    const [base, quote] = [BigInt(reserves.baseAmount), BigInt(reserves.quoteAmount)]
    const { out } =
      side === 'buy'
        ? swapExactIn(quote, base, amount, feeBps)
        : swapExactIn(base, quote, amount, feeBps)
    return sane({ out, currency: 'sol', baseDecimals })
  }
  const bar = seen.candle
  if (bar === undefined || !(bar.close > 0)) return undefined
  return quoteAt(seen, bar, side, amount, bar.close)
}

/** What an order would get at a price of a bar of the token, costs apart. */
export function quoteAt(
  seen: Seen,
  bar: Candle,
  side: 'buy' | 'sell',
  amount: bigint,
  price: number,
): Quote | undefined {
  const baseDecimals = seen.decimals ?? UNTOLD_DECIMALS
  const out =
    side === 'buy' ? tokensFor(amount, price, baseDecimals) : cashFor(amount, price, baseDecimals)
  return sane({ out, currency: bar.currency ?? UNKNOWN_CURRENCY, baseDecimals })
}

const sane = (quote: Quote): Quote | undefined => (quote.out <= MAX_AMOUNT ? quote : undefined)
