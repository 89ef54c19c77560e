import type { Rec } from '../records/record.ts'

/** Mint of wrapped SOL: the quote side of pools priced in lamports. */
export const WSOL = 'So11111111111111111111111111111111111111112'

/**
 * The two sides of a constant-product pool at one moment. Amounts stay text until somebody trades
 * on them.
 */
export interface Reserves {
  /** Line that told. */
  id: string
  ts: number
  pool: string | undefined
  baseAmount: string
  quoteAmount: string
  baseDecimals: number
  feeBps: number
}

/** Amounts of the token programs are of 64 bits: what has more digits is no account’s balance. */
const MAX_DIGITS = 20

/**
 * What a pool charges when its fee was never seen: Raydium AMM v4 and PumpSwap both take 25 bps.
 */
const USUAL_FEE_BPS = 25

/**
 * Reserves told by a market line, or by a trade line (after the trade); undefined when the line has
 * none, when the quote is not SOL, when decimals are unknown, when an amount cannot be one, or when
 * the fee is no fee (a pool that pays its traders is a lie). An empty side is news too: nothing can
 * be traded there any more.
 */
export function reservesOf(rec: Rec, feeBps: number = USUAL_FEE_BPS): Reserves | undefined {
  const { market, trade } = rec
  if (market !== undefined)
    return market.isOpen === false
      ? undefined
      : made(rec, market, market.baseAmount, market.quoteAmount, market.feeBps)
  if (trade !== undefined)
    return made(rec, trade, trade.baseReserveAmount, trade.quoteReserveAmount, feeBps)
  return undefined
}

interface Sides {
  quoteMint?: string
  baseDecimals?: number
  quoteDecimals?: number
}

function made(
  rec: Rec,
  sides: Sides,
  base: string | undefined,
  quote: string | undefined,
  feeBps: number = USUAL_FEE_BPS,
): Reserves | undefined {
  if (base === undefined || quote === undefined || !(feeBps >= 0 && feeBps < 10_000))
    return undefined
  if (sides.quoteMint !== WSOL || sides.baseDecimals === undefined) return undefined
  if (base.length > MAX_DIGITS || quote.length > MAX_DIGITS) return undefined
  const { id, ts, pool } = rec
  return {
    id,
    ts,
    pool,
    baseAmount: base,
    quoteAmount: quote,
    baseDecimals: sides.baseDecimals,
    feeBps,
  }
}
