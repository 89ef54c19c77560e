import { createHash } from 'node:crypto'
import { TOKEN, WSOL } from '../../../lib/sources/decode/programs.ts'
import type { Answer } from '../../../lib/sources/net/http.ts'
import { ASSOCIATED, JUPITER, SYSTEM } from '../../../lib/trade/live/chain/solana.ts'
import { budgetOf, compileTx } from '../../../lib/trade/live/sign/compile-tx.ts'
import { EVENTS, TOKENS, type Token, US, WRAPPED, wrappedOf } from './cast.ts'
import { type Chain, LIFE } from './chain.ts'
import { afterTransferFee, swapOut } from './programs.ts'
import { quickSolana } from './quick-solana.ts'

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

/**
 * The swap API over the pools of a chain: version 1 in two answers, version 2 in one, as
 * instructions or as a transaction. `spoil` changes the steps of a swap.
 */
export function askExchange(
  chain: Chain,
  url: URL,
  body: unknown,
  spoil: (steps: Step[], token: Token) => Step[] = steps => steps,
): Answer & { body: Json } {
  if (url.pathname === '/swap/v2/execute') return land(chain, body as Json)
  if (url.pathname === '/swap/v1/swap-instructions') {
    const { quoteResponse, userPublicKey } = body as Json
    const parts = partsFor(quoteResponse, userPublicKey, spoil)
    return parts === undefined ? answered(NO_ROUTE) : answered({ status: 200, body: parts.told })
  }
  const quoted = quote(chain, url.searchParams)
  if (quoted.status !== 200 || url.pathname === '/swap/v1/quote') return quoted
  const { steps, token, told } = partsFor(quoted.body, US, spoil)!
  const isOrder = url.pathname === '/swap/v2/order'
  return { ...quoted, body: { ...quoted.body, ...(isOrder ? orderOf(chain, token, steps) : told) } }
}

/** The steps of a swap, as they are and as the API tells them. */
function partsFor(
  found: Json,
  user: string,
  spoil: (steps: Step[], token: Token) => Step[],
): { steps: Step[]; token: Token; told: Json } | undefined {
  const token = tokenOf(found.inputMint, found.outputMint)
  if (token === undefined) return undefined
  const steps = spoil(stepsFor(token, found, user), token)
  const at = steps.findIndex(({ programId }) => programId === JUPITER)
  const told = {
    setupInstructions: steps.slice(0, at),
    swapInstruction: steps[at],
    cleanupInstruction: steps[at + 1],
    otherInstructions: steps.slice(at + 2),
    addressLookupTableAddresses: [token.table],
  }
  return { steps, token, told }
}

let orders = 0
/** A whole transaction, which the exchange lands too. */
function orderOf(chain: Chain, { table }: Token, steps: readonly Step[]): Json {
  const height = chain.tip() - 2
  const bytes = compileTx(quickSolana, {
    payer: US,
    blockhash: chain.blockhash(height),
    instructions: [...budgetOf(200_000n, 10_000n), ...steps],
    tables: new Map([[table, { bytes: chain.get(table)!.bytes! }]]),
  })
  return {
    transaction: bytes?.toString('base64') ?? '',
    requestId: `order-${++orders}`,
    lastValidBlockHeight: String(height + LIFE),
  }
}

/** Signed bytes of an order that come back. */
function land(chain: Chain, { signedTransaction }: Json): Answer & { body: Json } {
  chain.put(chain.read(Buffer.from(signedTransaction, 'base64')), 0)
  return answered({ status: 200, body: { status: 'Success' } })
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
  const feeBps = chain.get(token.mint)?.feeBps
  const out =
    inputMint === WSOL
      ? afterTransferFee(swapOut(amount, lamports, tokens), feeBps)
      : swapOut(afterTransferFee(amount, feeBps), tokens, lamports)
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

export const createAccount = (
  key: string,
  owner: string,
  mint: string,
  program = TOKEN,
  payer = US,
): Step => ({
  programId: ASSOCIATED,
  accounts: [
    meta(payer, true, true),
    meta(key, true),
    meta(owner),
    meta(mint),
    meta(SYSTEM),
    meta(program),
  ],
  data: Buffer.from([1]).toString('base64'),
})

export function transfer(to: string, lamports: bigint, from = US): Step {
  const data = Buffer.alloc(12)
  data.writeUInt32LE(2, 0)
  data.writeBigUInt64LE(lamports, 4)
  const accounts = [meta(from, true, true), meta(to, true)]
  return { programId: SYSTEM, accounts, data: data.toString('base64') }
}

export const tokenCall = (data: readonly number[], ...keys: string[]): Step => ({
  programId: TOKEN,
  accounts: keys.map(key => meta(key, true, key === US)),
  data: Buffer.from(data).toString('base64'),
})

/** Wrap, swap, unwrap. */
function stepsFor(token: Token, quoted: Json, user: string): Step[] {
  const { inputMint, inAmount, outAmount, slippageBps } = quoted
  const isBuy = inputMint === WSOL
  const amount = BigInt(inAmount)
  const wrapped = user === US ? WRAPPED : wrappedOf(user)
  const held = user === US ? token.ours : token.theirs
  const pay = [transfer(wrapped, amount, user), tokenCall([17], wrapped)]
  const data = Buffer.alloc(39)
  ROUTE.copy(data)
  data.writeBigUInt64LE(amount, 8)
  data.writeBigUInt64LE(BigInt(outAmount), 16)
  data.writeUInt16LE(slippageBps, 24)
  data.writeUInt32LE(1, 30)
  data.writeUInt16LE(10_000, 35)
  data[38] = 1
  const { mint, program, pool, tokenVault, solVault } = token
  const [source, destination] = isBuy ? [wrapped, held] : [held, wrapped]
  const [vaultIn, vaultOut] = isBuy ? [solVault, tokenVault] : [tokenVault, solVault]
  const accounts = [
    ...[meta(user, true, true), meta(source, true), meta(destination, true)],
    ...(isBuy ? [meta(WSOL), meta(mint)] : [meta(mint), meta(WSOL)]),
    ...(isBuy ? [meta(TOKEN), meta(program)] : [meta(program), meta(TOKEN)]),
    ...[meta(JUPITER), meta(EVENTS), meta(JUPITER)],
    ...[meta(vaultIn, true), meta(vaultOut, true), meta(pool)],
  ]
  return [
    createAccount(wrapped, user, WSOL, TOKEN, user),
    ...(isBuy ? [createAccount(held, user, mint, program, user), ...pay] : []),
    { programId: JUPITER, accounts, data: data.toString('base64') },
    closeWrapped(wrapped, user),
  ]
}

const closeWrapped = (wrapped: string, user: string): Step => ({
  programId: TOKEN,
  accounts: [meta(wrapped, true), meta(user, true), meta(user, false, true)],
  data: Buffer.from([9]).toString('base64'),
})
