import { isAddress } from '../../../base/base58.ts'
import { DataError } from '../../../base/errors.ts'
import type { Rpc } from '../../../sources/rpc/client.ts'
import type { Json } from '../chain/foreign-json.ts'
import { askJupiter, bodyOf, type JupiterAt } from '../send/jupiter-body.ts'
import type { SwapInstruction, SwapParts, TokenAsker } from './token-asker.ts'

interface AskTokenOptions {
  rpc: Rpc
  jupiter: JupiterAt
  slippageBps: number
  signal: AbortSignal
}

/** Two swaps must fit into one simulated transaction. */
const MAX_ACCOUNTS = 20
const BATCH = 100

/**
 * Asks a node, and version 1 of the swap API for instructions: the only form in which two swaps can
 * be put together.
 */
export function makeTokenAsker({ rpc, jupiter, slippageBps, signal }: AskTokenOptions): TokenAsker {
  const ask = async (path: string, body?: object): Promise<Json | undefined> =>
    bodyOf(await askJupiter(jupiter, path, body, signal), 'jupiter')
  return {
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

/** Instructions of a swap as the API tells them. Throws a DataError for anything else. */
export function swapParts(quote: unknown, parts: unknown): SwapParts {
  const { otherAmountThreshold } = (quote ?? {}) as Record<string, unknown>
  const {
    setupInstructions,
    swapInstruction,
    cleanupInstruction,
    otherInstructions,
    addressLookupTableAddresses,
  } = (parts ?? {}) as Record<string, unknown>
  const tables = listOf(addressLookupTableAddresses ?? [], 'addressLookupTableAddresses')
  if (!tables.every(isAddress)) throw new DataError('jupiter: lookup tables are not addresses')
  return {
    instructions: [
      ...listOf(otherInstructions ?? [], 'otherInstructions').map(instructionOf),
      ...listOf(setupInstructions ?? [], 'setupInstructions').map(instructionOf),
      instructionOf(swapInstruction),
      ...(cleanupInstruction === null || cleanupInstruction === undefined
        ? []
        : [instructionOf(cleanupInstruction)]),
    ],
    lookupTables: tables,
    minOut: amountOf(otherAmountThreshold, 'otherAmountThreshold'),
  }
}

const MAX_LIST = 64

function listOf(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value) || value.length > MAX_LIST)
    throw new DataError(`jupiter: ${name} is no list`)
  return value
}

function amountOf(value: unknown, name: string): bigint {
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value))
    throw new DataError(`jupiter: ${name} is no amount`)
  return BigInt(value)
}

function instructionOf(value: unknown): SwapInstruction {
  const { programId, accounts, data } = (value ?? {}) as Record<string, unknown>
  if (!isAddress(programId) || typeof data !== 'string')
    throw new DataError('jupiter: not an instruction')
  return {
    programId,
    data,
    accounts: listOf(accounts, 'accounts').map(each => {
      const { pubkey, isSigner, isWritable } = (each ?? {}) as Record<string, unknown>
      if (!isAddress(pubkey)) throw new DataError('jupiter: an account that is no address')
      return { pubkey, isSigner: isSigner === true, isWritable: isWritable === true }
    }),
  }
}
