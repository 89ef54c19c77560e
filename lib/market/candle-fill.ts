import type { Candle } from '../records/candle.ts'
import { least, rational, scale, tidy } from './ratio.ts'

/** Decimals of a token whose decimals nobody told: amounts of such a token are billionths. */
export const UNTOLD_DECIMALS = 9
const CASH_DECIMALS = 9
const BPS = 10_000

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
 * True for a bar in which somebody traded. Neither a bar that was filled in for a pause, nor a flat
 * one without volume, has a price at which anybody could have bought or sold.
 */
export const isTraded = ({ filled, volume, high, low }: Candle): boolean =>
  filled !== true && (volume > 0 || high > low)

/** A price moved into a bar; 0 = the bar is no bar and nothing can be filled in it. */
export function priceWithin({ low, high }: Candle, price: number): number {
  return price > 0 && low > 0 && high >= low ? Math.min(high, Math.max(low, price)) : 0
}

/** What one side of a trade is asked to cost over candles, beside the fees of its transaction. */
interface BarRates {
  poolFeeBps: number
  slippageBps: number
  /**
   * Cash side of the pool’s reserves (half of its liquidity) in what the bar’s prices are in, where
   * a line has told it.
   */
  depth: number | undefined
}

/** The costs of a fill over candles in cash (1e-9 of the currency), each floored. */
export interface BarCosts {
  pool: bigint
  /** Absent where neither liquidity nor the volume of the bar says anything of it. */
  impact: bigint | undefined
  slippage: bigint
  /** What was asked of the side as a share of its cash, the impact as far as it is known. */
  asked: number
}

/**
 * Costs of moving `cash` (what a buy puts in, what a sale is worth at its price) in a bar. Impact
 * is that of a constant-product pool, cash / (depth + cash). Where no line tells the depth, the
 * volume of the bar stands for it: that depth at which small orders pay the slippage × order /
 * volume, and none pays more than all. Together they never take more than the cash.
 */
export function barCosts(cash: bigint, bar: Candle, price: number, rates: BarRates): BarCosts {
  const { poolFeeBps, slippageBps } = rates
  const amount = Number(cash) / 10 ** CASH_DECIMALS
  const slip = slippageBps / BPS
  const depth = rates.depth ?? (slip > 0 ? (bar.volume * price) / slip : Number.POSITIVE_INFINITY)
  const isKnown = rates.depth !== undefined || bar.volume > 0
  const share = isKnown && amount > 0 ? amount / (depth + amount) : 0
  let left = cash
  const take = (part: number): bigint => {
    const taken = least(left, scale(cash, part))
    left -= taken
    return taken
  }
  const pool = take(poolFeeBps / BPS)
  const impact = isKnown ? take(share) : undefined
  return { pool, impact, slippage: take(slip), asked: tidy(poolFeeBps / BPS + share + slip) }
}

/** A fill in a bar: what comes, its costs, and what would have come without them. */
interface BarFill {
  /** Cash that buys tokens, or tokens that are sold. */
  input: bigint
  /** Tokens bought, or cash that the price brings, before costs. */
  out: bigint
  /** What the whole order brings at the price, before its costs. */
  gross: bigint
  /** Cash side before costs. */
  cash: bigint
  costs: BarCosts
}

/**
 * What an order gets in a bar at a price inside it. Costs are cash beside it: of a buy they are
 * kept back from the amount and the rest buys tokens, of a sale they are paid from what it brings.
 * So input and out stand in the ratio of the price. A sale whose costs take all brings nothing.
 */
export function fillInBar(
  { side, amount, decimals }: { side: 'buy' | 'sell'; amount: bigint; decimals: number },
  bar: Candle,
  price: number,
  rates: BarRates,
): BarFill {
  const isBuy = side === 'buy'
  const cash = isBuy ? amount : cashFor(amount, price, decimals)
  const costs = barCosts(cash, bar, price, rates)
  const rest = cash - costs.pool - (costs.impact ?? 0n) - costs.slippage
  return isBuy
    ? {
        input: rest,
        out: tokensFor(rest, price, decimals),
        gross: tokensFor(cash, price, decimals),
        cash,
        costs,
      }
    : { input: amount, out: rest > 0n ? cash : 0n, gross: cash, cash, costs }
}
