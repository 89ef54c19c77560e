import { VersionedTransaction } from '@solana/web3.js'
import { WSOL } from '../../../lib/sources/decode/programs.ts'
import type { Chain } from './bot.ts'

/** Looks at a status this often before it gives up on a transaction. */
const LOOKS = 8

/**
 * What most bots do: when a transaction is not confirmed soon, build a new one and send that.
 * Nothing is written down, so a restart begins again. `diesAfterSend` stands for a kill.
 */
export async function naiveBuy(
  { rpc, jupiter, token, world }: Chain,
  size: bigint,
  diesAfterSend = false,
): Promise<void> {
  const headers = { 'x-api-key': jupiter.key }
  const call = async (method: string, params: unknown[]): Promise<any> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const response = await fetch(rpc.url, { method: 'POST', body })
    return ((await response.json()) as { result?: unknown }).result
  }
  const swap = async (): Promise<string> => {
    const query = `inputMint=${WSOL}&outputMint=${token.mint}&amount=${size}&slippageBps=100`
    const quoteResponse = await (
      await fetch(`${jupiter.url}/swap/v1/quote?${query}`, { headers })
    ).json()
    const body = JSON.stringify({ quoteResponse, userPublicKey: world.wallet.publicKey.toBase58() })
    const answer = (await (
      await fetch(`${jupiter.url}/swap/v1/swap`, { method: 'POST', body, headers })
    ).json()) as any
    const transaction = VersionedTransaction.deserialize(
      Buffer.from(answer.swapTransaction, 'base64'),
    )
    transaction.sign([world.wallet])
    return Buffer.from(transaction.serialize()).toString('base64')
  }
  for (let tries = 0; tries < 3; tries++) {
    try {
      const signature = await call('sendTransaction', [
        await swap(),
        { encoding: 'base64', skipPreflight: true },
      ])
      if (diesAfterSend) return
      for (let i = 0; i < LOOKS; i++) {
        const [status] = (await call('getSignatureStatuses', [[signature]])).value
        if (status?.err === null) return
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    } catch {
      // Tried again, whatever it was.
    }
  }
}
