import { spotPrice, swapExactIn } from '../../../market/constant-product.ts'

/**
 * A constant-product pool or bonding curve in base units. The reserves are net of fees owed to
 * others.
 */
export interface Pool {
  address: string
  dex: 'pumpfun' | 'pumpswap' | 'raydium-cpmm'
  feeBps: number
  /**
   * Part of the fee that stays in the reserves, in percent; the rest is owed to protocol and
   * creator.
   */
  keptPercent: bigint
  openAt: number
  isOpen: boolean
  base: bigint
  quote: bigint
  /** Part of the base reserve that is virtual: never sold. */
  unsold: bigint
  owedBase: bigint
  owedQuote: bigint
}

export const BASE_DECIMALS = 6
export const QUOTE_DECIMALS = 9
/** 10⁹ tokens. */
export const SUPPLY = 1_000_000_000_000_000n
/**
 * pump.fun's curve (its published global account): virtual reserves, tokens for sale, and those
 * kept for migration.
 */
const CURVE = { base: 1_073_000_000_000_000n, quote: 30_000_000_000n, unsold: 279_900_000_000_000n }
const MIGRATION_TOKENS = 206_900_000_000_000n
/** Left behind for the costs of the migration, lamports. */
const MIGRATION_COST = 15_000_000n

/** A bonding curve before its first trade. Its fee of 1 % goes to protocol and creator. */
export const makeCurve = (address: string, openAt: number): Pool => ({
  address,
  dex: 'pumpfun',
  feeBps: 100,
  keptPercent: 0n,
  openAt,
  isOpen: true,
  ...CURVE,
  owedBase: 0n,
  owedQuote: 0n,
})

/** A pool with the given reserves. Raydium CPMM keeps 84 % of its 0.25 %, PumpSwap 80 %. */
export const makePool = (
  address: string,
  dex: 'pumpswap' | 'raydium-cpmm',
  openAt: number,
  base: bigint,
  quote: bigint,
) =>
  ({
    address,
    dex,
    feeBps: 25,
    keptPercent: dex === 'pumpswap' ? 80n : 84n,
    openAt,
    isOpen: true,
    base,
    quote,
    unsold: 0n,
    owedBase: 0n,
    owedQuote: 0n,
  }) satisfies Pool as Pool

/**
 * Pays lamports; returns the tokens bought and what was really paid, which is less when a curve
 * sells out.
 */
export function buy(pool: Pool, lamports: bigint): { paid: bigint; got: bigint } {
  let paid = lamports
  let swap = swapExactIn(pool.quote, pool.base, paid, pool.feeBps)
  const left = pool.base - pool.unsold
  if (pool.unsold > 0n && swap.out > left) {
    paid = (((pool.quote * left) / (pool.base - left)) * 10_000n) / (10_000n - BigInt(pool.feeBps))
    swap = swapExactIn(pool.quote, pool.base, paid, pool.feeBps)
  }
  if (swap.out <= 0n) return { paid: 0n, got: 0n }
  const owed = swap.fee - (swap.fee * pool.keptPercent) / 100n
  pool.quote += paid - owed
  pool.owedQuote += owed
  pool.base -= swap.out
  return { paid, got: swap.out }
}

/** Sells tokens; returns the lamports received, 0 when it is too little to move one. */
export function sell(pool: Pool, tokens: bigint): bigint {
  const swap = swapExactIn(pool.base, pool.quote, tokens, pool.feeBps)
  if (swap.out <= 0n) return 0n
  const owed = swap.fee - (swap.fee * pool.keptPercent) / 100n
  pool.base += tokens - owed
  pool.owedBase += owed
  pool.quote -= swap.out
  return swap.out
}

/** Takes a share of the liquidity out; returns the tokens taken. */
export function withdraw(pool: Pool, share: number): bigint {
  const parts = BigInt(Math.round((1 - share) * 1e6))
  const base = (pool.base * parts) / 1_000_000n
  const taken = pool.base - base
  pool.base = base
  pool.quote = (pool.quote * parts) / 1_000_000n
  return taken
}

/** True when a curve has (but for less than a token) nothing left to sell. */
export const isSoldOut = (pool: Pool): boolean =>
  pool.unsold > 0n && pool.base - pool.unsold < 1_000_000n

/** The pool that a sold-out curve's SOL and reserved tokens go to. */
export function migrate(curve: Pool, address: string, openAt: number): Pool {
  curve.isOpen = false
  return makePool(
    address,
    'pumpswap',
    openAt,
    MIGRATION_TOKENS,
    curve.quote - CURVE.quote - MIGRATION_COST,
  )
}

/** SOL per whole token at the margin. */
export const priceOf = (pool: Pool): number =>
  spotPrice(pool.base, pool.quote, BASE_DECIMALS, QUOTE_DECIMALS)
