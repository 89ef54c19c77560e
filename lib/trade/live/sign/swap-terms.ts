/** What a transaction may do, and with whose accounts. Amounts in base units and lamports. */
export interface SwapTerms {
  wallet: string
  side: 'buy' | 'sell'
  inMint: string
  outMint: string
  /** Exactly this goes in; at least this comes out. */
  amount: bigint
  minOut: bigint
  /** Our two accounts of the swap, and the one for wrapped SOL, which is one of the two. */
  source: string
  destination: string
  wrapped: string
  /** Accounts of ours for tokens on the way, and what is in them: none of it may go. */
  between: ReadonlyMap<string, bigint>
  /** Every token account of the wallet, in both token programs. */
  owned: ReadonlySet<string>
  /** Accounts that may be tipped, and how much. */
  tips: readonly string[]
  tip: bigint
  maxPriorityFee: bigint
  /** Programs that swap, beside Jupiter: in transactions that we put together only. */
  programs: readonly string[]
}
