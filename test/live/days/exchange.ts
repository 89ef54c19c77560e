import { createHash } from 'node:crypto'
import { TOKEN, WSOL } from '../../../lib/sources/decode/programs.ts'
import type { Answer } from '../../../lib/sources/net/http.ts'
import { ASSOCIATED, JUPITER, SYSTEM } from '../../../lib/trade/live/chain/solana.ts'
import { EVENTS, TOKENS, type Token, US, WRAPPED } from './cast.ts'
import type { Chain } from './chain.ts'
import { swapOut } from './programs.ts'

/** An instruction as the swap API writes it. */
export interface Step {
  programId: string
  accounts: { pubkey: string; isSigner: boolean; isWritable: boolean }[]
  data: string
}

const NO_ROUTE = {
  status: 400,
  body: { error: 'Could not find any route', errorCode: 'COULD_NOT_FIND_ANY_ROUTE' },
}
const BPS = 10_000n
const ROUTE = createHash('sha256').update('global:route_v2').digest().subarray(0, 8)

type Json = Record<string, any>
const answered = ({ status, body }: { status: number; body: Json }): Answer & { body: Json } => ({
  status,
  body,
  date: undefined,
  left: undefined,
})

/** The swap API, version 1, over the pools of a chain. `spoil` changes the steps of a swap. */
export function askExchange(
  chain: Chain,
  url: URL,
  body: unknown,
  spoil: (steps: Step[], token: Token) => Step[] = steps => steps,
): Answer & { body: Json } {
  if (url.pathname === '/swap/v1/quote') return quote(chain, url.searchParams)
  const found = (body as { quoteResponse: Json }).quoteResponse
  const token = tokenOf(found.inputMint, found.outputMint)
  if (token === undefined) return answered(NO_ROUTE)
  const steps = spoil(stepsFor(token, found), token)
  const at = steps.findIndex(({ programId }) => programId === JUPITER)
  return answered({
    status: 200,
    body: {
      setupInstructions: steps.slice(0, at),
      swapInstruction: steps[at],
      cleanupInstruction: steps[at + 1],
      otherInstructions: steps.slice(at + 2),
      addressLookupTableAddresses: [token.table],
    },
  })
}

const tokenOf = (from: string, to: string): Token | undefined =>
  TOKENS.find(({ mint }) => mint === (from === WSOL ? to : from))

/** What each vault of a pool holds. */
export function reserves(chain: Chain, token: Token): { tokens: bigint; lamports: bigint } {
  const of = (vault: string): bigint => chain.get(vault)?.token?.amount ?? 0n
  return { tokens: of(token.tokenVault), lamports: of(token.solVault) }
}

function quote(chain: Chain, query: URLSearchParams): Answer & { body: Json } {
  const [inputMint, outputMint] = [query.get('inputMint')!, query.get('outputMint')!]
  const token = tokenOf(inputMint, outputMint)
  if (token === undefined) return answered(NO_ROUTE)
  const { tokens, lamports } = reserves(chain, token)
  const amount = BigInt(query.get('amount')!)
  const slippageBps = Number(query.get('slippageBps'))
  const out =
    inputMint === WSOL ? swapOut(amount, lamports, tokens) : swapOut(amount, tokens, lamports)
  if (out === 0n) return answered(NO_ROUTE)
  return answered({
    status: 200,
    body: {
      inputMint,
      outputMint,
      inAmount: String(amount),
      outAmount: String(out),
      otherAmountThreshold: String((out * (BPS - BigInt(slippageBps))) / BPS),
      slippageBps,
      routePlan: [{ swapInfo: { ammKey: token.pool, inputMint, outputMint } }],
    },
  })
}

const meta = (pubkey: string, isWritable = false, isSigner = false) => ({
  pubkey,
  isWritable,
  isSigner,
})

export const createAccount = (key: string, owner: string, mint: string): Step => ({
  programId: ASSOCIATED,
  accounts: [
    meta(US, true, true),
    meta(key, true),
    meta(owner),
    meta(mint),
    meta(SYSTEM),
    meta(TOKEN),
  ],
  data: Buffer.from([1]).toString('base64'),
})

export function transfer(to: string, lamports: bigint): Step {
  const data = Buffer.alloc(12)
  data.writeUInt32LE(2, 0)
  data.writeBigUInt64LE(lamports, 4)
  const accounts = [meta(US, true, true), meta(to, true)]
  return { programId: SYSTEM, accounts, data: data.toString('base64') }
}

export const tokenCall = (data: readonly number[], ...keys: string[]): Step => ({
  programId: TOKEN,
  accounts: keys.map(key => meta(key, true, key === US)),
  data: Buffer.from(data).toString('base64'),
})

/** Wrap, swap, unwrap. */
function stepsFor(token: Token, { inputMint, inAmount, outAmount, slippageBps }: Json): Step[] {
  const isBuy = inputMint === WSOL
  const amount = BigInt(inAmount)
  const pay = [transfer(WRAPPED, amount), tokenCall([17], WRAPPED)]
  const data = Buffer.alloc(39)
  ROUTE.copy(data)
  data.writeBigUInt64LE(amount, 8)
  data.writeBigUInt64LE(BigInt(outAmount), 16)
  data.writeUInt16LE(slippageBps, 24)
  data.writeUInt32LE(1, 30)
  data.writeUInt16LE(10_000, 35)
  data[38] = 1
  const { mint, ours, pool, tokenVault, solVault } = token
  const [source, destination] = isBuy ? [WRAPPED, ours] : [ours, WRAPPED]
  const [vaultIn, vaultOut] = isBuy ? [solVault, tokenVault] : [tokenVault, solVault]
  const accounts = [
    ...[meta(US, true, true), meta(source, true), meta(destination, true)],
    ...(isBuy ? [meta(WSOL), meta(mint)] : [meta(mint), meta(WSOL)]),
    ...[meta(TOKEN), meta(TOKEN), meta(JUPITER), meta(EVENTS), meta(JUPITER)],
    ...[meta(vaultIn, true), meta(vaultOut, true), meta(pool)],
  ]
  return [
    createAccount(WRAPPED, US, WSOL),
    ...(isBuy ? [createAccount(ours, US, mint), ...pay] : []),
    { programId: JUPITER, accounts, data: data.toString('base64') },
    tokenCall([9], WRAPPED, US, US),
  ]
}
