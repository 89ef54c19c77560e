import type { RpcAccount, Simulation } from '../../../sources/rpc/client.ts'
import type { SwapParts } from '../sign/swap-parts.ts'
import type { TxVersion } from '../sign/tx-versions.ts'

/**
 * What is asked of a node and of the swap API to judge a token. Any of it may throw: then its check
 * is unknown.
 */
export interface TokenAsker {
  /** Versions of the transactions that are simulated: the first that has room is taken. */
  versions(): readonly TxVersion[]
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
