import { num, sol, type Values } from '../base/flags.ts'
import type { Rec } from '../records/record.ts'

/** Flags that say how large a trade of a whale is; the first in lamports. */
export const whaleFlags = {
  whale: sol('SOL from which a trade is a whale’s', { default: '10' }),
  whaleUsd: num('the same in USD, for trades against other quotes', { default: 2000, min: 0 }),
}
export type WhaleSize = Values<typeof whaleFlags>

export const WRAPPED_SOL = 'So11111111111111111111111111111111111111112'

/** True for a trade of at least the given size. */
export function isWhale({ trade }: Rec, { whale, whaleUsd }: WhaleSize): boolean {
  if (trade === undefined) return false
  const isInSol = trade.quoteMint === undefined || trade.quoteMint === WRAPPED_SOL
  return isInSol ? BigInt(trade.quoteAmount) >= whale : (trade.volumeUsd ?? 0) >= whaleUsd
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
