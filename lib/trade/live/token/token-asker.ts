import type { RpcAccount, Simulation } from '../../../sources/rpc/client.ts'

/** An instruction as the swap API writes it. */
export interface SwapInstruction {
  programId: string
  accounts: readonly { pubkey: string; isSigner: boolean; isWritable: boolean }[]
  /** base64 */
  data: string
}

/** A swap in parts, and the least that comes out of it. */
export interface SwapParts {
  /** Before, the swap, and after it; compute budget left out. */
  instructions: readonly SwapInstruction[]
  lookupTables: readonly string[]
  minOut: bigint
}

/**
 * What is asked of a node and of the swap API to judge a token. Any of it may throw: then its check
 * is unknown.
 */
export interface TokenAsker {
  accounts(keys: readonly string[]): Promise<(RpcAccount | undefined)[]>
  largest(mint: string): Promise<{ address: string; amount: bigint }[]>
  /** Simulates unsigned bytes at a blockhash of the node’s choice. */
  simulate(transaction: Uint8Array, watched: readonly string[]): Promise<Simulation>
  /** A swap for `user`, who signs nothing yet; undefined where there is no route. */
  swap(order: {
    inMint: string
    outMint: string
    amount: bigint
    user: string
  }): Promise<SwapParts | undefined>
}
