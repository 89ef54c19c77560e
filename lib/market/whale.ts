import type { Rec } from '../records/record.ts'

export interface WhaleSize {
  /** From this many lamports a trade against SOL is a whale’s. */
  whaleLamports: bigint
  /** The same for trades against anything else, by their value. */
  whaleUsd: number
}

export const WRAPPED_SOL = 'So11111111111111111111111111111111111111112'

/** True for a trade of at least the given size. */
export function isWhale({ trade }: Rec, { whaleLamports, whaleUsd }: WhaleSize): boolean {
  if (trade === undefined) return false
  const isInSol = trade.quoteMint === undefined || trade.quoteMint === WRAPPED_SOL
  return isInSol ? BigInt(trade.quoteAmount) >= whaleLamports : (trade.volumeUsd ?? 0) >= whaleUsd
}

/**
 * Quote side of a trade over the quote reserve of its pool before it, else its value over the
 * liquidity last reported; absent when neither pair is known. A fraction: 0.05 moves a
 * constant-product price by about a tenth.
 */
export function shareOfPool({ trade }: Rec, liquidityUsd: number | undefined): number | undefined {
  if (trade === undefined) return undefined
  const amount = Number(trade.quoteAmount)
  const after =
    trade.quoteReserveAmount === undefined ? Number.NaN : Number(trade.quoteReserveAmount)
  const before = trade.side === 'buy' ? after - amount : after + amount
  if (before > 0) return amount / before
  if (trade.volumeUsd === undefined || liquidityUsd === undefined || liquidityUsd === 0)
    return undefined
  const share = trade.volumeUsd / liquidityUsd
  return Number.isFinite(share) ? share : undefined
}
