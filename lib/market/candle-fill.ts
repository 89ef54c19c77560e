import type { Candle } from '../records/candle.ts'
import { rational, wholeTokens } from './ratio.ts'

/** Decimals of a token whose decimals nobody told: amounts of such a token are billionths. */
export const UNTOLD_DECIMALS = 9
const CASH_DECIMALS = 9

/** Cash that `amount` base units of a token are worth at a price, floored. */
export function cashFor(amount: bigint, price: number, decimals: number): bigint {
  if (!(price > 0) || price === Number.POSITIVE_INFINITY) return 0n
  const [num, den] = rational(price)
  return (amount * num * 10n ** BigInt(CASH_DECIMALS)) / (den * 10n ** BigInt(decimals))
}

/** Tokens (base units) that an amount of cash buys at a price, floored. */
export function tokensFor(cash: bigint, price: number, decimals: number): bigint {
  if (!(price > 0) || price === Number.POSITIVE_INFINITY) return 0n
  const [num, den] = rational(price)
  return (cash * den * 10n ** BigInt(decimals)) / (num * 10n ** BigInt(CASH_DECIMALS))
}

/**
 * Price of a fill inside a bar, when no reserves are known: the open, worse by `bps` × (1 + order /
 * volume of the bar), never outside [low, high]. A bar without volume fills at its worst price.
 * NaN-free for any bar; 0 = no fill.
 */
export function barPrice(side: 'buy' | 'sell', bar: Candle, tokens: number, bps: number): number {
  const { open, low, high, volume } = bar
  if (!(open > 0) || !(low > 0) || high < low) return 0
  const load = volume > 0 ? 1 + tokens / volume : Number.POSITIVE_INFINITY
  // Without slippage even an order of infinitely many volumes pays none; 0 × ∞ would be no price at
  // all.
  const slip = bps === 0 && volume > 0 ? 0 : (bps / 10_000) * load
  const price = side === 'buy' ? open * (1 + slip) : open * (1 - Math.min(1, slip))
  return Math.min(high, Math.max(low, price))
}

/** What an order gets in a bar, and the price of a whole token that it pays. */
export function fillInBar(
  side: 'buy' | 'sell',
  bar: Candle,
  amount: bigint,
  decimals: number,
  bps: number,
): { out: bigint; price: number } {
  if (!(bar.open > 0)) return { out: 0n, price: 0 }
  const base = side === 'sell' ? amount : tokensFor(amount, bar.open, decimals)
  const price = barPrice(side, bar, wholeTokens(base, decimals), bps)
  return {
    out: side === 'buy' ? tokensFor(amount, price, decimals) : cashFor(amount, price, decimals),
    price,
  }
}
