import type { ChainAccount } from '../chain/chain-answers.ts'
import { Refused } from './refused.ts'
import type { TxParts } from './tx-parts.ts'

/** What a claim may do, and to what. */
interface ClaimTerms {
  wallet: string
  account: string
  program: string
  kind: 'close' | 'excess'
  /** Lamports that it brings, fees apart; and those that have to stay. */
  back: bigint
  rent: bigint
}

const SIGNATURE_LAMPORTS = 5000n
const [CLOSE, WITHDRAW_EXCESS] = [9, 38]
/** First bytes of an account: all that a token account is, beside extensions. */
const BASE = 165

/**
 * Refuses a transaction that does anything but one thing to one token account of ours: close it, or
 * withdraw what it holds above its deposit, to our wallet. Nothing else may so much as be named.
 */
export function checkClaim(parts: TxParts, terms: ClaimTerms): void {
  const { keys, signatures, signers, instructions } = parts
  const { wallet, account, program, kind } = terms
  if (keys[0] !== wallet) throw new Refused('fee-payer', `${keys[0]}`)
  if (signers !== 1 || signatures.length !== 1)
    throw new Refused('extra-signer', `${signers} signatures`)
  if (signatures[0]?.some(byte => byte !== 0) !== false)
    throw new Refused('signed-already', 'it was not empty')
  if ((parts.budget?.priorityFee ?? 0n) > 0n)
    throw new Refused('priority-fee', `${parts.budget?.priorityFee} lamports`)
  const [only, second] = instructions
  if (only === undefined || second !== undefined || only.program !== program)
    throw new Refused(
      'foreign-program',
      `${instructions.length} instructions, the first of ${only?.program}`,
    )
  const tag = kind === 'close' ? CLOSE : WITHDRAW_EXCESS
  if (only.data.length !== 1 || only.data[0] !== tag)
    throw new Refused('token-call', `instruction ${only.data[0]}`)
  const [from, to, by] = only.accounts
  if (only.accounts.length !== 3 || from !== account || to !== wallet || by !== wallet)
    throw new Refused('close-account', `${from} to ${to} by ${by}`)
  const other = keys.find(key => key !== wallet && key !== account && key !== program)
  if (other !== undefined) throw new Refused('other-account', other)
}

/**
 * Refuses a claim that, simulated, does not bring to the wallet what it should, or changes more of
 * the account than its lamports. Accounts in order: wallet, token account.
 */
export function checkClaimEffects(
  [walletBefore, before]: readonly [ChainAccount, ChainAccount],
  [walletAfter, after]: readonly (ChainAccount | undefined)[],
  { wallet, account, kind, back, rent }: ClaimTerms,
): void {
  if (walletAfter?.owner !== walletBefore.owner || walletAfter.bytes.length > 0)
    throw new Refused('wallet-owner', wallet)
  const gained = walletAfter.lamports - walletBefore.lamports
  if (gained !== back - SIGNATURE_LAMPORTS)
    throw new Refused('gives-less', `${gained} lamports, expected ${back - SIGNATURE_LAMPORTS}`)
  if (kind === 'close') {
    if (after !== undefined) throw new Refused('other-changed', `${account} stays`)
    return
  }
  const isSame =
    after?.owner === before.owner &&
    after.bytes.length >= BASE &&
    after.bytes.equals(before.bytes) &&
    after.lamports === rent
  if (!isSame) throw new Refused('other-changed', account)
}
