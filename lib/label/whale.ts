import type { Rec } from '../records/record.ts'

export interface WhaleSize {
  /** From this many lamports a trade against SOL is a whale’s. */
  whaleLamports: bigint
  /** The same for trades against anything else, by their value. */
  whaleUsd: number
}

const WRAPPED_SOL = 'So11111111111111111111111111111111111111112'

/** True for a trade of at least the given size. */
export function isWhale({ trade }: Rec, { whaleLamports, whaleUsd }: WhaleSize): boolean {
  if (trade === undefined) return false
  const isInSol = trade.quoteMint === undefined || trade.quoteMint === WRAPPED_SOL
  return isInSol ? BigInt(trade.quoteAmount) >= whaleLamports : (trade.volumeUsd ?? 0) >= whaleUsd
}
