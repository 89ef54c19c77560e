import { DataError } from '../../../base/errors.ts'
import type { ChainAccount } from '../chain/chain.ts'
import { readTokenAccount } from '../chain/token-account.ts'

/** Our accounts at one moment: wallet, the token, wrapped SOL. */
export type Ours = readonly [
  wallet: ChainAccount | undefined,
  token: ChainAccount | undefined,
  wrapped: ChainAccount | undefined,
]

/** What a swap may do to them. Amounts in base units. */
interface SwapBounds {
  wallet: string
  side: 'buy' | 'sell'
  amount: bigint
  minOut: bigint
  /** Most that fees and a tip may take, and deposits for new token accounts. */
  maxFees: bigint
}

/** Deposits for two new token accounts, with room for extensions. */
export const MAX_RENT = 5_000_000n

/**
 * Refuses a swap by what the simulation says it does to our accounts: it takes more than was meant,
 * gives less, or leaves a token account in the hands of somebody else. Programs may do in their
 * inner calls what no list of instructions shows.
 */
export function checkEffects(before: Ours, after: Ours, bounds: SwapBounds): void {
  const { side, amount, minOut, maxFees } = bounds
  const tokens = tokensIn(after[1], bounds.wallet) - tokensIn(before[1], bounds.wallet)
  tokensIn(after[2], bounds.wallet)
  const lamports = cashIn(after) - cashIn(before)
  const [paid, got] = side === 'buy' ? [-lamports, tokens] : [-tokens, lamports + maxFees]
  const most = side === 'buy' ? amount + maxFees + MAX_RENT : amount
  if (paid > most) throw bad(`it takes ${paid}, at most ${most} was meant`)
  if (got < minOut)
    throw bad(`it gives ${side === 'buy' ? got : lamports}, at least ${minOut} was meant`)
}

const cashIn = ([wallet, , wrapped]: Ours): bigint =>
  (wallet?.lamports ?? 0n) + (wrapped?.lamports ?? 0n)

function tokensIn(account: ChainAccount | undefined, wallet: string): bigint {
  if (account === undefined) return 0n
  const found = readTokenAccount(account.bytes)
  if (found === undefined || found.owner !== wallet)
    throw bad('our token account would not be ours')
  if (found.hasDelegate || found.hasCloser)
    throw bad('somebody else could spend from our token account')
  return found.amount
}

const bad = (why: string): DataError => new DataError(`the simulated swap is refused: ${why}`)
