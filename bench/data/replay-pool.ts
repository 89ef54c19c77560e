/**
 * A PumpSwap pool rebuilt from its swaps by x·y = k. Units: whole tokens and SOL.
 *
 * Start, assumed: the migration of a pump.fun curve, which puts the 206,900,000 tokens that the
 * curve did not sell and the SOL it collected into the pool. The curve starts at 30 virtual SOL and
 * 1,073,000,000 virtual tokens and ends when 793,100,000 are sold: 30 · 1073 / 279.9 = 115.005
 * virtual, 85.005 real SOL, less 0.015 SOL for the migration.
 */
export const MIGRATION = { base: 206_900_000, quote: 84.99 }
/** Fee on what goes in, as far as it moves the price paid. */
const FEE = 0.0025
/**
 * A price further off than this factor is not the price of the swap: only network fees or rent were
 * seen in SOL.
 */
const CREDIBLE = 3

export interface Swap {
  side: 'buy' | 'sell'
  /** Whole tokens moved. */
  tokens: number
  /** SOL per token as reported; 0 = unknown. */
  price: number
}

export interface Replayed {
  /** Price that the reserves before the swap imply for it. */
  implied: number
  /** The reported price can be the swap's. */
  isCredible: boolean
}

/**
 * Replays swaps. Tokens move the reserves along the curve. With `corrects`, a credible price then
 * moves them along the same curve to where it was paid, so that swaps missing from the recording
 * leave no lasting error.
 */
export function makePool(corrects: boolean, start = MIGRATION) {
  let { base, quote } = start
  return {
    reserves: () => ({ base, quote }),
    swap({ side, tokens, price }: Swap): Replayed | undefined {
      const after = side === 'buy' ? base - tokens : base + tokens
      // More than the pool holds: an earlier swap is missing.
      if (!(tokens > 0) || after <= 0.01 * base) return undefined
      const quoteAfter = (base * quote) / after
      const implied =
        side === 'buy'
          ? (quoteAfter - quote) / tokens / (1 - FEE)
          : ((quote - quoteAfter) / tokens) * (1 - FEE)
      const ratio = price / implied
      const isCredible = ratio > 1 / CREDIBLE && ratio < CREDIBLE
      const shift = corrects && isCredible ? Math.sqrt(ratio) : 1
      base = after / shift
      quote = quoteAfter * shift
      return { implied, isCredible }
    },
  }
}
