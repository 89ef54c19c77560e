import { WSOL } from '../../../sources/decode/programs.ts'
import type { Placed } from '../../venue.ts'
import type { Chain } from '../chain/chain.ts'
import type { ChainAccount } from '../chain/chain-answers.ts'
import type { Mints } from '../chain/mint-info.ts'
import { type Solana, tokenAccountOf } from '../chain/solana.ts'
import { readTokenAccount } from '../chain/token-account.ts'
import type { TxVersion } from '../sign/tx-versions.ts'
import type { Outflow } from './outflow.ts'
import type { Signer } from './signer.ts'
import type { Swapper, SwapQuote } from './swapper.ts'

/** What making swaps works with. */
export interface SwapTools {
  solana: Solana
  chain: Chain
  swapper: Swapper
  mints: Mints
  signer: Signer
  /** Versions in which transactions are put together: the first that has room is taken. */
  versions(): readonly TxVersion[]
  /** Programs beside Jupiter that may swap. */
  programs: readonly string[]
  tips: readonly string[]
  tip: bigint
  floorPriorityFee: bigint
  /** Looks at the mint of a token again just before it is bought; throws when it will not do. */
  recheck?: ((mint: ChainAccount) => void) | undefined
  /** Lamports that other orders in flight may still take from the wallet. */
  takenByOthers(order: Placed): bigint
  /** What has left the wallet today: asked before each buy is signed. */
  outflow: Outflow
  count(what: string): void
}

/** Why there is no swap; nothing has been signed. `isFinal`: asking again will not help. */
export interface NoSwap {
  reason: string
  text?: string
  isFinal: boolean
}

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
