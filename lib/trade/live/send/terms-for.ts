import { TOKEN, TOKEN_2022, WSOL } from '../../../sources/decode/programs.ts'
import type { Placed } from '../../venue.ts'
import { tokenAccountOf } from '../chain/solana.ts'
import { readTokenAccount } from '../chain/token-account.ts'
import type { SwapTerms } from '../sign/swap-terms.ts'
import type { SwapTools } from './prepare-swap.ts'
import type { SwapQuote } from './swapper.ts'

/** Most tokens that a swap may go through: each may need an account of ours, and its deposit. */
const MAX_BETWEEN = 3

/** What a transaction for a quote may do: by the order, and by what the wallet has on the chain. */
export async function termsFor(
  tools: SwapTools,
  { side, mint, priorityFee }: Placed,
  quote: SwapQuote,
  signal: AbortSignal,
): Promise<SwapTerms> {
  const { solana, signer, mints } = tools
  const { wallet } = signer
  const ourOf = async (of: string): Promise<string> =>
    tokenAccountOf(solana, wallet, of, (await mints(of, signal)).program)
  const [held, between, token] = await Promise.all([
    heldBy(tools, signal),
    Promise.all(quote.mints.slice(0, MAX_BETWEEN).map(ourOf)),
    ourOf(mint),
  ])
  const wrapped = tokenAccountOf(solana, wallet, WSOL, TOKEN)
  const [source, destination] = side === 'buy' ? [wrapped, token] : [token, wrapped]
  return {
    wallet,
    side,
    source,
    destination,
    wrapped,
    ...(side === 'buy' ? { inMint: WSOL, outMint: mint } : { inMint: mint, outMint: WSOL }),
    amount: quote.inAmount,
    minOut: quote.minOut,
    between: new Map(between.map(key => [key, held.get(key) ?? 0n])),
    owned: new Set(held.keys()),
    tips: tools.tips,
    tip: tools.tip,
    maxPriorityFee: priorityFee,
    programs: tools.programs,
  }
}

/** Amounts in every token account of the wallet, in both token programs. */
async function heldBy(
  { chain, signer }: SwapTools,
  signal: AbortSignal,
): Promise<Map<string, bigint>> {
  const found = await Promise.all(
    [TOKEN, TOKEN_2022].map(program => chain.tokenAccounts(signer.wallet, program, signal)),
  )
  return new Map(
    found.flat().map(({ address, bytes }) => [address, readTokenAccount(bytes)?.amount ?? 0n]),
  )
}
