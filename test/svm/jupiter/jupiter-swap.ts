import {
  AddressLookupTableAccount,
  ComputeBudgetProgram,
  PublicKey,
  SystemProgram,
  type TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js'
import { WSOL } from '../../../lib/sources/decode/programs.ts'
import { swapOut } from '../amm.ts'
import type { Answer } from '../server.ts'
import { ata, closeAccount, createAta, NATIVE_MINT, syncNative } from '../tokens.ts'
import { at } from '../wire.ts'
import type { Token, World } from '../world.ts'

/** Body and status as recorded from the API. */
export const NO_ROUTE: Answer = {
  status: 400,
  body: { error: 'Could not find any route', errorCode: 'COULD_NOT_FIND_ANY_ROUTE' },
}

const UNIT_LIMIT = 200_000
const DEFAULT_PRIORITY_FEE = 20_000
/** Account that tips of the mock’s block engine go to. */
export const TIP_ACCOUNT = new PublicKey('96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5')

export interface Quoted {
  token: Token
  side: 'buy' | 'sell'
  amount: bigint
  out: bigint
  minOut: bigint
  slippageBps: number
  impact: number
}

/** What a swap would give now; undefined without a pool between the two mints. */
export function quoted(world: World, query: URLSearchParams): Quoted | undefined {
  const [from, to] = [query.get('inputMint') ?? '', query.get('outputMint') ?? '']
  const side = from === WSOL ? 'buy' : 'sell'
  const token = world.tokens.get(side === 'buy' ? to : from)
  const amountText = query.get('amount') ?? ''
  if (token === undefined || (side === 'sell' && to !== WSOL) || !/^[1-9]\d*$/.test(amountText))
    return undefined
  const amount = BigInt(amountText)
  const [tokens, lamports] = [world.amount(token.tokenVault), world.amount(token.solVault)]
  const [reserveIn, reserveOut] = side === 'buy' ? [lamports, tokens] : [tokens, lamports]
  const slippageBps = Number(query.get('slippageBps') ?? 50)
  const out = swapOut(amount, reserveIn, reserveOut)
  const minOut = (out * BigInt(10_000 - slippageBps)) / 10_000n
  const impact = Number(amount) / (Number(reserveIn) + Number(amount))
  return out === 0n ? undefined : { token, side, amount, out, minOut, slippageBps, impact }
}

export const quote = (world: World, query: URLSearchParams): Answer => {
  const found = quoted(world, query)
  return found === undefined ? NO_ROUTE : { body: { ...quoteJson(world, found), timeTaken: 0.001 } }
}

/** The fields that quotes and orders share. */
export function quoteJson(
  world: World,
  { token, side, amount, out, minOut, slippageBps, impact }: Quoted,
): object {
  const mint = token.mint.toBase58()
  const [inputMint, outputMint] = side === 'buy' ? [WSOL, mint] : [mint, WSOL]
  const swapInfo = {
    ammKey: token.pool.toBase58(),
    label: 'Sluice Test',
    inputMint,
    outputMint,
    inAmount: String(amount),
    outAmount: String(out),
  }
  return {
    inputMint,
    inAmount: String(amount),
    outputMint,
    outAmount: String(out),
    otherAmountThreshold: String(minOut),
    swapMode: 'ExactIn',
    slippageBps,
    platformFee: null,
    priceImpactPct: impact.toFixed(18),
    routePlan: [{ swapInfo, percent: 100, bps: 10_000 }],
    contextSlot: world.cluster.slot(),
  }
}

/** Lamports for priority and for a tip, as version 1 lets them be asked for. */
function feesAsked(asked: any): { priorityFee: number; tip: number } {
  if (asked?.jitoTipLamports !== undefined)
    return { priorityFee: 0, tip: Number(asked.jitoTipLamports) }
  const most = asked?.priorityLevelWithMaxLamports?.maxLamports
  if (most !== undefined)
    return { priorityFee: Math.min(DEFAULT_PRIORITY_FEE, Number(most)), tip: 0 }
  return {
    priorityFee: asked === undefined || asked === 'auto' ? DEFAULT_PRIORITY_FEE : Number(asked),
    tip: 0,
  }
}

/**
 * Unsigned transaction for a quote: wrap SOL, swap, unwrap. Undefined when the quote is of no pool.
 */
export function swapTransaction(
  world: World,
  quoteResponse: any,
  user: unknown,
  asked?: unknown,
): { base64: string; lastValid: number; priorityFee: number } | undefined {
  const query = new URLSearchParams({
    inputMint: String(quoteResponse?.inputMint),
    outputMint: String(quoteResponse?.outputMint),
    amount: String(quoteResponse?.inAmount),
  })
  const found = quoted(world, query)
  if (found === undefined || typeof user !== 'string') return undefined
  const { priorityFee, tip } = feesAsked(asked)
  const owner = new PublicKey(user)
  const { blockhash, lastValid } = world.cluster.blockhash('confirmed')
  const instructions = [
    ComputeBudgetProgram.setComputeUnitLimit({ units: UNIT_LIMIT }),
    ComputeBudgetProgram.setComputeUnitPrice({
      microLamports: Math.floor((priorityFee * 1e6) / UNIT_LIMIT),
    }),
    ...swapSteps(world, found, owner, quoteResponse),
    ...(tip > 0
      ? [SystemProgram.transfer({ fromPubkey: owner, toPubkey: TIP_ACCOUNT, lamports: tip })]
      : []),
  ]
  const message = new TransactionMessage({
    payerKey: owner,
    recentBlockhash: blockhash,
    instructions,
  })
  const transaction = new VersionedTransaction(
    message.compileToV0Message([tableOf(world, found.token)]),
  )
  return { base64: Buffer.from(transaction.serialize()).toString('base64'), lastValid, priorityFee }
}

function swapSteps(
  world: World,
  { token, side, amount }: Quoted,
  owner: PublicKey,
  quote: { outAmount: string; slippageBps: number },
): TransactionInstruction[] {
  const wrapped = ata(NATIVE_MINT, owner)
  const pay = [
    SystemProgram.transfer({ fromPubkey: owner, toPubkey: wrapped, lamports: amount }),
    syncNative(wrapped),
  ]
  return [
    createAta(owner, NATIVE_MINT, owner),
    ...(side === 'buy' ? [createAta(owner, token.mint, owner, token.program), ...pay] : []),
    world.swap(token, owner, side, amount, {
      quoted: BigInt(quote.outAmount),
      slippageBps: quote.slippageBps,
    }),
    closeAccount(wrapped, owner, owner),
  ]
}

function tableOf({ cluster }: World, { table }: Token): AddressLookupTableAccount {
  const account = cluster.svm.getAccount(at(table))
  if (!account.exists) throw new Error('no lookup table')
  return new AddressLookupTableAccount({
    key: table,
    state: AddressLookupTableAccount.deserialize(account.data),
  })
}

/** The steps of a swap one by one, for whoever puts transactions together himself. */
export function swapInstructions(world: World, body: any): Answer {
  const { inputMint, outputMint, inAmount } = body?.quoteResponse ?? {}
  const found = quoted(world, new URLSearchParams({ inputMint, outputMint, amount: inAmount }))
  if (found === undefined) return NO_ROUTE
  const steps = swapSteps(world, found, new PublicKey(body.userPublicKey), body.quoteResponse)
  const rows = steps.map(({ programId, keys, data }) => ({
    programId: programId.toBase58(),
    accounts: keys.map(({ pubkey, ...flags }) => ({ pubkey: pubkey.toBase58(), ...flags })),
    data: data.toString('base64'),
  }))
  return {
    body: {
      computeBudgetInstructions: [],
      setupInstructions: rows.slice(0, -2),
      swapInstruction: rows.at(-2),
      cleanupInstruction: rows.at(-1),
      otherInstructions: [],
      addressLookupTableAddresses: [found.token.table.toBase58()],
    },
  }
}

/** Version 2: quote and steps in one answer; tables come with what they hold. */
export function buildAnswer(world: World, query: URLSearchParams): Answer {
  const found = quoted(world, query)
  if (found === undefined) return NO_ROUTE
  const quoteResponse = quoteJson(world, found)
  const parts = swapInstructions(world, { quoteResponse, userPublicKey: query.get('taker') })
  const { addressLookupTableAddresses: _, ...steps } = parts.body as Record<string, unknown>
  const { key, state } = tableOf(world, found.token)
  const addresses = state.addresses.map(each => each.toBase58())
  const { blockhash, lastValid } = world.cluster.blockhash('confirmed')
  return {
    body: {
      ...quoteResponse,
      ...steps,
      addressesByLookupTableAddress: { [key.toBase58()]: addresses },
      blockhashWithMetadata: {
        blockhash: [...new PublicKey(blockhash).toBytes()],
        lastValidBlockHeight: lastValid,
      },
    },
  }
}
