import type { Rec } from '../../../records/record.ts'
import { TOKEN, TOKEN_2022, WSOL } from '../../../sources/decode/programs.ts'
import { orderLine } from '../../trade-lines.ts'
import type { Trading } from '../../trade-plan.ts'
import type { Placed, SignedSwap } from '../../venue.ts'
import type { Chain } from '../chain/chain.ts'
import type { ChainAccount } from '../chain/chain-answers.ts'
import { readTokenAccount } from '../chain/token-account.ts'
import { checkClaim, checkClaimEffects } from '../sign/check-claim.ts'
import { compileTx } from '../sign/compile-tx.ts'
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

const PREFIX = 'reclaim:'
/** Intent of a claim: the account it is about stands at its end. */
const claimKey = ({ mint, account }: Claim, now: number): string =>
  `${PREFIX}${mint}:${now}:${account}`
/** True for an order that takes a deposit back. */
export const isClaim = ({ intent }: Pick<Placed, 'intent'>): boolean => intent.startsWith(PREFIX)

/** The order of a claim: a sale of nothing, whose deposit comes back. */
export function claimLine({ account, now }: Trading, claim: Claim): Rec {
  const { mint } = claim
  const held = account.book.heldOf(mint)
  return orderLine({ ts: now, mint, pool: undefined }, 1, {
    intent: claimKey(claim, now),
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

/**
 * The signed bytes of a claim: read again, checked as every transaction is, simulated, and signed
 * when nothing but the wallet gains. What is no longer there is no claim.
 */
export async function signClaim(
  tools: SwapTools,
  order: Placed,
  signal: AbortSignal,
): Promise<SignedSwap | NoSwap> {
  const { solana, chain, signer } = tools
  const account = order.intent.slice(order.intent.lastIndexOf(':') + 1)
  const names = [signer.wallet, account]
  const [wallet, found] = await chain.accounts(names, signal)
  const isToken = found?.owner === TOKEN || found?.owner === TOKEN_2022
  const rent = found && isToken ? await chain.rentOf(found.bytes.length, signal) : 0n
  const claim = found && isToken ? claimOn(account, found, signer.wallet, rent) : undefined
  if (claim === undefined || wallet === undefined)
    return { reason: 'nothing-to-reclaim', isFinal: true }
  const { blockhash, lastValid } = await chain.latest(signal)
  const accounts = [
    { pubkey: account, isSigner: false, isWritable: true },
    { pubkey: signer.wallet, isSigner: false, isWritable: true },
    { pubkey: signer.wallet, isSigner: true, isWritable: false },
  ]
  const data = Buffer.from([TAGS[claim.kind]]).toString('base64')
  const instructions = [{ programId: claim.program, accounts, data }]
  const tables = new Map<string, ChainAccount>()
  const bytes = compileTx(solana, { payer: signer.wallet, blockhash, instructions, tables })!
  const about = { ...claim, wallet: signer.wallet, rent }
  checkClaim(txParts(solana, bytes, tables), about)
  const simulated = await chain.simulate(bytes.toString('base64'), names, signal)
  if (simulated.failure !== undefined)
    return { reason: 'simulation', text: simulated.failure, isFinal: true }
  checkClaimEffects([wallet, found!], simulated.accounts, about)
  const signed = signer.sign(bytes, order, { spent: 0n, pays: -claim.back })
  return { signature: signed.signature, tx: signed.bytes.toString('base64'), lastValid }
}
