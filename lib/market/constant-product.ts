/**
 * Constant-product pool maths (x·y = k) in base units, as Raydium and PumpSwap round it: the pool
 * never gives more than the exact quotient, so results are floored for the trader and ceiled for
 * the pool.
 */

const BPS = 10_000n

interface Swap {
  /** Received by the trader. */
  out: bigint
  /** Kept by the pool, in units of what was paid. */
  fee: bigint
}

/**
 * What `amountIn` buys from a pool. Fee is taken from the input, rounded up. Zero reserves give
 * zero.
 */
export function swapExactIn(
  reserveIn: bigint,
  reserveOut: bigint,
  amountIn: bigint,
  feeBps: number,
): Swap {
  if (amountIn <= 0n || reserveIn <= 0n || reserveOut <= 0n) return { out: 0n, fee: 0n }
  const fee = ceilDiv(amountIn * BigInt(Math.round(feeBps)), BPS)
  const net = amountIn - fee
  return { out: (reserveOut * net) / (reserveIn + net), fee }
}

/**
 * Share by which a swap of this size gets less than the marginal price, fee excluded: Δ/(reserve +
 * Δ).
 */
export function priceImpact(reserveIn: bigint, amountIn: bigint): number {
  return amountIn <= 0n ? 0 : Number((amountIn * 1_000_000_000n) / (reserveIn + amountIn)) / 1e9
}

/** Price of a whole token in whole quote units. */
export function spotPrice(
  base: bigint,
  quote: bigint,
  baseDecimals: number,
  quoteDecimals: number,
): number {
  return (Number(quote) / Number(base)) * 10 ** (baseDecimals - quoteDecimals)
}

/** Quotient rounded up; both positive. */
const ceilDiv = (a: bigint, b: bigint): bigint => (a + b - 1n) / b
