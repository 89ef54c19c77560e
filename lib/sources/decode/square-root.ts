/**
 * Prices of pools whose liquidity is concentrated: the chain keeps the square root of the price, in
 * quote base units for a base unit, as a fixed-point number with 64 binary digits after the point
 * (whitepapers of Raydium CLMM and Orca).
 */
const ONE = 2 ** 64

/** Price from its square root; undefined for 0, at which no pool stands. */
export function squarePrice(root: bigint): number | undefined {
  return root > 0n ? (Number(root) / ONE) ** 2 : undefined
}

/**
 * Reserves that one range of liquidity acts with at a price: x = L / √p and y = L · √p, so that x ·
 * y = L². `liquidity` has `digits` binary digits after the point. Undefined where either is none.
 */
export function virtualReserves(
  liquidity: bigint,
  root: bigint,
  digits: 0n | 64n,
): { base: bigint; quote: bigint } | undefined {
  if (root <= 0n) return undefined
  const base = (liquidity << (64n - digits)) / root
  const quote = (liquidity * root) >> (64n + digits)
  return base > 0n && quote > 0n ? { base, quote } : undefined
}
