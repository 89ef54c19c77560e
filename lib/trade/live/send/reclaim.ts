import type { Rec } from '../../../records/record.ts'
import { TOKEN, TOKEN_2022, WSOL } from '../../../sources/decode/programs.ts'
import { claimedAccount, claimKey } from '../../account/claims.ts'
import { orderLine } from '../../trade-lines.ts'
import type { Trading } from '../../trade-plan.ts'
import type { Placed, SignedSwap } from '../../venue.ts'
import type { Chain } from '../chain/chain.ts'
import type { ChainAccount } from '../chain/chain-answers.ts'
import { readTokenAccount } from '../chain/token-account.ts'
import { checkClaim, checkClaimEffects } from '../sign/check-claim.ts'
import { compileTx } from '../sign/compile-tx.ts'
import { Refused } from '../sign/refused.ts'
import { txParts } from '../sign/tx-parts.ts'
import type { NoSwap, SwapTools } from './prepare-swap.ts'

/** Lamports in a token account of ours that nothing needs. */
interface Claim {
  account: string
  mint: string
  program: string
  /** Closed, as it holds nothing; or emptied of what its deposit is above what is asked now. */
  kind: 'close' | 'excess'
  back: bigint
}

/** A claim that brings no more than this costs more than it brings: fees, and a human’s look. */
const WORTH = 10_000n
/** One run makes no more transactions than a human reads. */
const MOST = 50

/**
 * What the token accounts of a wallet hold in lamports that can be taken back, the largest first.
 * Wrapped SOL is money and left alone. `left` = claims beyond what one run takes.
 */
export async function claimsOf(
  chain: Pick<Chain, 'tokenAccounts' | 'rentOf'>,
  wallet: string,
  isWanted: (mint: string) => boolean,
  signal: AbortSignal,
): Promise<{ claims: Claim[]; left: number }> {
  const rents = new Map<number, bigint>()
  const found: Claim[] = []
  for (const program of [TOKEN, TOKEN_2022])
    for (const { address, lamports, bytes } of await chain.tokenAccounts(wallet, program, signal)) {
      const { length } = bytes
      if (!rents.has(length)) rents.set(length, await chain.rentOf(length, signal))
      const claim = claimOn(
        address,
        { owner: program, lamports, bytes },
        wallet,
        rents.get(length)!,
      )
      if (claim !== undefined && isWanted(claim.mint)) found.push(claim)
    }
  found.sort((a, b) => (a.back < b.back ? 1 : -1))
  return { claims: found.slice(0, MOST), left: Math.max(0, found.length - MOST) }
}

/** What can be taken back from one account; undefined where there is nothing worth it. */
function claimOn(
  account: string,
  { owner: program, lamports, bytes }: ChainAccount,
  wallet: string,
  rent: bigint,
): Claim | undefined {
  const token = readTokenAccount(bytes)
  if (token === undefined || token.owner !== wallet || token.mint === WSOL) return undefined
  const kind = token.amount === 0n ? 'close' : 'excess'
  const back = kind === 'close' ? lamports : lamports - rent
  return back > WORTH ? { account, mint: token.mint, program, kind, back } : undefined
}

/** The order of a claim: a sale of nothing, whose deposit comes back. */
export function claimLine({ account, now }: Trading, claim: Claim): Rec {
  const { mint } = claim
  const held = account.book.heldOf(mint)
  return orderLine({ ts: now, mint, pool: undefined }, 1, {
    intent: claimKey(mint, claim.account, now),
    ...(held !== undefined && { position: held.id }),
    cause: 'reclaim',
    venue: 'reclaim',
    side: 'sell',
    state: 'planned',
    reasons: [],
    attempt: 1,
    inMint: mint,
    outMint: WSOL,
    inAmount: '0',
    decidedAt: now,
  })
}

/** spl-token instruction.rs: 9 = close; 38 = withdraw excess lamports. Account, to, authority. */
const TAGS = { close: 9, excess: 38 } as const

/** A claim as a transaction that may be signed. */
interface Made {
  claim: Claim
  bytes: Buffer
  lastValid: number
}

/**
 * The transaction of a claim, not signed: read again, checked as every transaction is, and
 * simulated. What is no longer there is no claim. A refusal says what else it would do.
 */
async function makeClaim(
  { solana, chain }: Pick<SwapTools, 'solana' | 'chain'>,
  [payer, account]: readonly [wallet: string, account: string],
  signal: AbortSignal,
): Promise<Made | NoSwap> {
  const names = [payer, account]
  const [wallet, found] = await chain.accounts(names, signal)
  const isToken = found?.owner === TOKEN || found?.owner === TOKEN_2022
  const rent = found && isToken ? await chain.rentOf(found.bytes.length, signal) : 0n
  const claim = found && isToken ? claimOn(account, found, payer, rent) : undefined
  if (claim === undefined || wallet === undefined)
    return { reason: 'nothing-to-reclaim', isFinal: true }
  const { blockhash, lastValid } = await chain.latest(signal)
  const accounts = [
    { pubkey: account, isSigner: false, isWritable: true },
    { pubkey: payer, isSigner: false, isWritable: true },
    { pubkey: payer, isSigner: true, isWritable: false },
  ]
  const data = Buffer.from([TAGS[claim.kind]]).toString('base64')
  const instructions = [{ programId: claim.program, accounts, data }]
  const tables = new Map<string, ChainAccount>()
  const bytes = compileTx(solana, { payer, blockhash, instructions, tables })!
  const about = { ...claim, wallet: payer, rent }
  checkClaim(txParts(solana, bytes, tables), about)
  const simulated = await chain.simulate(bytes.toString('base64'), names, signal)
  if (simulated.failure !== undefined)
    return { reason: 'simulation', text: simulated.failure, isFinal: true }
  checkClaimEffects([wallet, found!], simulated.accounts, about)
  return { claim, bytes, lastValid }
}

/** The signed bytes of a claim: signed when nothing but the wallet gains. */
export async function signClaim(
  tools: SwapTools,
  order: Placed,
  signal: AbortSignal,
): Promise<SignedSwap | NoSwap> {
  const { signer } = tools
  const made = await makeClaim(tools, [signer.wallet, claimedAccount(order)], signal)
  if ('isFinal' in made) return made
  const signed = signer.sign(made.bytes, order, { spent: 0n, pays: -made.claim.back })
  return {
    signature: signed.signature,
    tx: signed.bytes.toString('base64'),
    lastValid: made.lastValid,
  }
}

/** What a run with --reclaim would do, in lines for people: each claim simulated, none signed. */
export async function listClaims(
  tools: Pick<SwapTools, 'solana' | 'chain'>,
  wallet: string,
  isWanted: (mint: string) => boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const { claims, left } = await claimsOf(tools.chain, wallet, isWanted, signal)
  const lines: string[] = []
  let [count, sum] = [0, 0n]
  for (const { account, mint, kind, back } of claims) {
    const what = kind === 'close' ? `close ${account}, empty` : `take the excess of ${account}`
    const against = await whyNot(tools, [wallet, account], signal)
    lines.push(
      against === undefined
        ? `would ${what} (token ${mint}): ${inSol(back)} SOL come back`
        : `would leave ${account} (token ${mint}) alone: ${against}`,
    )
    if (against !== undefined) continue
    count++
    sum += back
  }
  const rest = left > 0 ? `; ${left} more are left for another run` : ''
  const fees = inSol(FEE * BigInt(count))
  return [
    ...lines,
    `${count} token accounts, ${inSol(sum)} SOL in all, less ${fees} in fees${rest}; ` +
      'nothing was signed',
  ]
}

/** Lamports of one signature. */
const FEE = 5000n

function inSol(lamports: bigint): string {
  const digits = String(lamports).padStart(10, '0')
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`
}

async function whyNot(...asked: Parameters<typeof makeClaim>): Promise<string | undefined> {
  try {
    const made = await makeClaim(...asked)
    return 'isFinal' in made ? (made.text ?? made.reason) : undefined
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
}
