import type { Rpc } from '../../../sources/rpc/client.ts'
import type { Json } from '../chain/foreign-json.ts'
import { askJupiter, bodyOf, type JupiterAt } from '../send/jupiter/jupiter-body.ts'
import { swapParts } from '../sign/swap-parts.ts'
import type { TxVersion } from '../sign/tx-versions.ts'
import type { TokenAsker } from './token-asker.ts'

interface AskTokenOptions {
  rpc: Rpc
  jupiter: JupiterAt
  slippageBps: number
  versions(): readonly TxVersion[]
  signal: AbortSignal
}

/** Two swaps must fit into one simulated transaction. */
const MAX_ACCOUNTS = 20
const BATCH = 100

/**
 * Asks a node, and version 1 of the swap API for instructions: the only form in which two swaps can
 * be put together.
 */
export function makeTokenAsker(options: AskTokenOptions): TokenAsker {
  const { rpc, jupiter, slippageBps, versions, signal } = options
  const ask = async (path: string, body?: object): Promise<Json | undefined> =>
    bodyOf(await askJupiter(jupiter, path, body, signal), 'jupiter')
  return {
    versions,
    async accounts(keys) {
      const found = []
      for (let at = 0; at < keys.length; at += BATCH)
        found.push(...(await rpc.accounts(keys.slice(at, at + BATCH), signal)).accounts)
      return found
    },
    largest: mint => rpc.largest(mint, signal),
    simulate: (transaction, watched) => rpc.simulate(transaction, watched, signal),
    async swap({ inMint, outMint, amount, user }) {
      const about = new URLSearchParams({
        inputMint: inMint,
        outputMint: outMint,
        amount: String(amount),
        slippageBps: String(slippageBps),
        restrictIntermediateTokens: 'true',
        maxAccounts: String(MAX_ACCOUNTS),
      })
      const quoteResponse = await ask(`/swap/v1/quote?${about}`)
      if (quoteResponse === undefined) return undefined
      const parts = await ask('/swap/v1/swap-instructions', { quoteResponse, userPublicKey: user })
      return parts === undefined ? undefined : swapParts(quoteResponse, parts)
    },
  }
}
