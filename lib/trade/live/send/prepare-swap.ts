import { DataError } from '../../../base/errors.ts'
import { TOKEN, WSOL } from '../../../sources/decode/programs.ts'
import type { Placed, SignedSwap } from '../../venue.ts'
import type { Chain } from '../chain/chain.ts'
import type { Mints } from '../chain/mint-info.ts'
import { type Solana, tokenAccountOf } from '../chain/solana.ts'
import { readTokenAccount } from '../chain/token-account.ts'
import { unitLimit, unitPrice } from './fees.ts'
import type { Signer } from './signer.ts'
import { checkEffects, type Ours } from './sim-bounds.ts'
import type { Built, Swapper, SwapQuote } from './swapper.ts'
import { checkTx, readTx, setBudget, type TxBounds } from './verify-tx.ts'

/** What making swaps works with. */
export interface SwapTools {
  solana: Solana
  chain: Chain
  swapper: Swapper
  mints: Mints
  signer: Signer
  /** Programs beside Jupiter that may swap. */
  programs: readonly string[]
  tips: readonly string[]
  tip: bigint
  floorPriorityFee: bigint
}

/** Why there is no swap; nothing has been signed. `isFinal`: asking again will not help. */
export interface NoSwap {
  reason: string
  text?: string
  isFinal: boolean
}

const SIGNATURE_LAMPORTS = 5000n

/** A quote that keeps to the order: at least its `minOut` at the exchange, on chain too. */
export async function quoteFor(
  tools: SwapTools,
  order: Placed,
  signal: AbortSignal,
): Promise<SwapQuote | NoSwap> {
  const amount = order.side === 'buy' ? order.inAmount : await amountToSell(tools, order, signal)
  if (amount === 0n) return { reason: 'nothing-held', isFinal: true }
  const [inMint, outMint] = order.side === 'buy' ? [WSOL, order.mint] : [order.mint, WSOL]
  const ask = { inMint, outMint, amount, slippageBps: order.slippageBps }
  const quote = await tools.swapper.quote(ask, signal)
  if (quote === undefined) return { reason: 'no-route', isFinal: false }
  // What is sold may be less than the order says: then less is the least.
  const least = amount === order.inAmount ? order.minOut : (order.minOut * amount) / order.inAmount
  if (quote.outAmount < least) return { reason: 'slippage', isFinal: true }
  if (quote.minOut >= least) return quote
  const room = ((quote.outAmount - least) * 10_000n) / quote.outAmount
  const tighter = await tools.swapper.quote(
    { ...ask, slippageBps: Number.parseInt(String(room), 10) },
    signal,
  )
  return tighter !== undefined && tighter.minOut >= least
    ? tighter
    : { reason: 'slippage', isFinal: true }
}

/**
 * What the wallet holds now, when that is less than the order says: balances on chain win over the
 * book.
 */
async function amountToSell(tools: SwapTools, order: Placed, signal: AbortSignal): Promise<bigint> {
  const { program } = await tools.mints(order.mint, signal)
  const address = tokenAccountOf(tools.solana, tools.signer.wallet, order.mint, program)
  const [account] = await tools.chain.accounts([address], signal)
  const held = account === undefined ? 0n : (readTokenAccount(account.bytes)?.amount ?? 0n)
  return held < order.inAmount ? held : order.inAmount
}

/** The transaction for a quote: taken apart, priced, simulated, checked. Not signed yet. */
export async function buildFor(
  tools: SwapTools,
  order: Placed,
  quote: SwapQuote,
  signal: AbortSignal,
): Promise<{ bytes: Buffer; built: Built } | NoSwap> {
  const { solana, chain, signer, tip, tips, programs } = tools
  const info = await tools.mints(order.mint, signal)
  const wrapped = tokenAccountOf(solana, signer.wallet, WSOL, TOKEN)
  const ours = [
    signer.wallet,
    tokenAccountOf(solana, signer.wallet, order.mint, info.program),
    wrapped,
  ]
  const built = await tools.swapper.build(quote, { maxPriorityFee: order.priorityFee, tip }, signal)
  const { message, signatures } = readTx(solana, built.tx)
  const amount = order.side === 'buy' ? quote.inAmount : 0n
  const bounds: TxBounds = {
    wallet: signer.wallet,
    wrapped,
    amount,
    tips,
    tip,
    programs,
    maxPriorityFee: order.priorityFee,
  }
  // What it asks for the priority is set anew where it is ours to set; else it must keep to the cap
  // as it is.
  const facts = checkTx(
    message,
    signatures,
    built.isOurs ? { ...bounds, maxPriorityFee: ANY } : bounds,
  )
  const before = await chain.accounts(ours, signal)
  const simulated = await chain.simulate(built.tx.toString('base64'), ours, signal)
  if (simulated.failure !== undefined)
    return { reason: 'simulation', text: simulated.failure, isFinal: true }
  const maxFees = SIGNATURE_LAMPORTS * BigInt(signatures.length) + order.priorityFee + tip
  const swap = {
    wallet: signer.wallet,
    side: order.side,
    amount: quote.inAmount,
    minOut: quote.minOut,
    maxFees,
  }
  checkEffects(oursOf(before), oursOf(simulated.accounts), swap)
  if (!built.isOurs) return { bytes: built.tx, built }
  const units = unitLimit(simulated.units)
  const recent = await chain.recentFees([...quote.pools, ...facts.writes], signal)
  const price = unitPrice(recent, units, { floor: tools.floorPriorityFee, cap: order.priorityFee })
  const bytes = setBudget(solana, built.tx, units, price)
  const again = readTx(solana, bytes)
  checkTx(again.message, again.signatures, bounds)
  return { bytes, built }
}

const ANY = 10n ** 12n

const oursOf = ([wallet, token, wrapped]: readonly (Ours[number] | undefined)[]): Ours => [
  wallet,
  token,
  wrapped,
]

/**
 * Signs, and knows until when the bytes may land: at most as long as the newest blockhash allows.
 */
export async function signFor(
  tools: SwapTools,
  order: Placed,
  { bytes, built }: { bytes: Buffer; built: Built },
  signal: AbortSignal,
): Promise<SignedSwap> {
  const latest = (await tools.chain.latest(signal)).lastValid
  const told = built.lastValid
  if (told !== undefined && told > latest + LEEWAY)
    throw new DataError(
      `the exchange says that the transaction lives until block ${told}, the chain until ${latest}`,
    )
  const signed = tools.signer.sign(bytes, order)
  return {
    signature: signed.signature,
    tx: signed.bytes.toString('base64'),
    // The later of the two: believing a height that is too low would be taken for a proof of
    // expiry.
    lastValid: told === undefined || told < latest ? latest : told,
    ...(built.requestId !== undefined && { requestId: built.requestId }),
  }
}

/** Blocks by which the exchange's node may be ahead of ours. */
const LEEWAY = 50
