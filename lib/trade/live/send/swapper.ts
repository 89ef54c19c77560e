import type { SwapParts } from '../sign/swap-parts.ts'

/** A swap asked for: exactly `amount` of one mint into another. */
export interface SwapAsk {
  inMint: string
  outMint: string
  amount: bigint
  slippageBps: number
}

/** What an exchange would give. Checked against what was asked: same mints, same amount. */
export interface SwapQuote {
  inAmount: bigint
  outAmount: bigint
  /** Least amount that the swap accepts on chain. */
  minOut: bigint
  /** Pools on the way, to ask what writing to them costs, and tokens that it goes through. */
  pools: string[]
  mints: string[]
  /** The answer itself, to be handed back when the transaction is asked for. */
  body: unknown
}

/** An unsigned transaction of an exchange: not to be trusted. */
export interface Built {
  tx: Buffer
  /** Last block height at which it may land; undefined when the exchange does not tell. */
  lastValid: number | undefined
  /** What the exchange wants beside the signed bytes to land them itself. */
  requestId: string | undefined
}

/**
 * An exchange that makes swaps: the shapes of Jupiter v1 and v2 behind the same three questions.
 */
export interface Swapper {
  name: string
  /**
   * Undefined when there is no route now. Throws when the exchange cannot be asked or answers
   * nonsense.
   */
  quote(ask: SwapAsk, signal: AbortSignal): Promise<SwapQuote | undefined>
  /**
   * The swap for a quote: its instructions, for us to put together, where the exchange tells them;
   * else a transaction of its own.
   */
  build(quote: SwapQuote, signal: AbortSignal): Promise<SwapParts | Built>
  /** Lets the exchange land the signed bytes too; the chain alone says whether it did. */
  land?(signed: string, requestId: string, signal: AbortSignal): Promise<void>
}
