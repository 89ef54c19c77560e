import { TOKEN, TOKEN_2022 } from '../../../sources/decode/programs.ts'
import type { ChainAccount } from '../chain/chain-answers.ts'
import { SYSTEM } from '../chain/solana.ts'
import { readTokenAccount } from '../chain/token-account.ts'
import { Refused } from './refused.ts'
import type { SwapTerms } from './swap-terms.ts'

/** Accounts by address; undefined = there is none. */
export type Snapshot = ReadonlyMap<string, ChainAccount | undefined>

/** What a simulated swap does to us. */
interface Effects {
  /** Lamports that leave wallet and wrapped SOL; negative = they come in. */
  takes: bigint
  /** Deposits in new token accounts of ours. */
  deposits: bigint
}

/** Deposits for two new token accounts, with room for extensions. */
export const MAX_RENT = 5_000_000n

/** Whose accounts no swap writes to: stakes, votes, programs, tables, what is the runtime’s. */
const FOREIGN_KINDS: ReadonlySet<string> = new Set([
  'Stake11111111111111111111111111111111111111',
  'Vote111111111111111111111111111111111111111',
  'BPFLoaderUpgradeab1e11111111111111111111111',
  'BPFLoader2111111111111111111111111111111111',
  'BPFLoader1111111111111111111111111111111111',
  'NativeLoader1111111111111111111111111111111',
  'Sysvar1111111111111111111111111111111111111',
  'LoaderV411111111111111111111111111111111111',
  'AddressLookupTab1e1111111111111111111111111',
  'Config1111111111111111111111111111111111111',
])

/**
 * Refuses a swap by what the simulation says it does to every account that it may write to: of what
 * is ours only wallet, source and destination may change, in amount alone, by no more and no less
 * than was meant; SOL falls by at most amount, fees and the deposits of our own new accounts.
 * Programs may do in their inner calls what no list of instructions shows. `maxFees` = signature,
 * priority and tip.
 */
export function checkEffects(
  before: Snapshot,
  after: Snapshot,
  terms: SwapTerms,
  maxFees: bigint,
): Effects {
  let deposits = 0n
  for (const key of after.keys()) {
    if (key !== terms.wallet) deposits += checkAccount(key, before.get(key), after.get(key), terms)
  }
  if (deposits > MAX_RENT) throw new Refused('takes-more', `${deposits} lamports in deposits`)
  checkWallet(before.get(terms.wallet), after.get(terms.wallet))
  if (terms.side === 'buy') checkFree(terms.destination, before.get(terms.destination))
  const takes = cashIn(before, terms) - cashIn(after, terms)
  const token = terms.side === 'buy' ? terms.destination : terms.source
  const tokens = amountIn(after.get(token)) - amountIn(before.get(token))
  const most = (terms.side === 'buy' ? terms.amount : 0n) + maxFees + deposits
  if (terms.side === 'buy') {
    if (takes > most) throw new Refused('takes-more', `${takes} lamports, at most ${most}`)
    if (tokens < terms.minOut)
      throw new Refused('gives-less', `${tokens} tokens, at least ${terms.minOut}`)
  } else {
    if (-tokens > terms.amount)
      throw new Refused('takes-more', `${-tokens} tokens, at most ${terms.amount}`)
    if (most - takes < terms.minOut)
      throw new Refused('gives-less', `${-takes} lamports, at least ${terms.minOut} less ${most}`)
  }
  return { takes, deposits }
}

/** What is bought has to be out of everybody’s reach; what is sold goes out of it. */
function checkFree(key: string, before: ChainAccount | undefined): void {
  const found = before === undefined ? undefined : readTokenAccount(before.bytes)
  if (found?.hasDelegate || found?.hasCloser)
    throw new Refused('account-rights', `${key}: somebody else has a right over it already`)
}

/** A wallet is an account of the system program without data: whatever else is somebody else’s. */
function checkWallet(before: ChainAccount | undefined, after: ChainAccount | undefined): void {
  if (before !== undefined && after === undefined)
    throw new Refused('takes-more', 'nothing is left in the wallet')
  if (after !== undefined && (after.owner !== SYSTEM || after.bytes.length > 0))
    throw new Refused('wallet-owner', after.owner)
}

/**
 * Refuses a swap that writes to an account of a kind that no swap has to do with: our signature
 * would be good for stakes and nonces of ours too. Nonces are accounts of the system program with
 * data.
 */
export function checkKinds(
  before: Snapshot,
  written: readonly string[],
  { wallet }: SwapTerms,
): void {
  for (const key of written) {
    const account = before.get(key)
    if (account === undefined || key === wallet) continue
    if (FOREIGN_KINDS.has(account.owner) || (account.owner === SYSTEM && account.bytes.length > 0))
      throw new Refused('foreign-kind', `${key} of ${account.owner}`)
  }
}

/** Deposits that an account of ours holds anew; others are none of our business. */
function checkAccount(
  key: string,
  before: ChainAccount | undefined,
  after: ChainAccount | undefined,
  terms: SwapTerms,
): bigint {
  const isOurs = isOwn(before, terms.wallet) || isOwn(after, terms.wallet)
  const isOfSwap = key === terms.source || key === terms.destination
  if (!isOurs && !isOfSwap) return 0n
  if (isOfSwap) {
    checkRights(key, before, after, terms.wallet)
    if (key === terms.wrapped || after === undefined) return 0n
    // A deposit that is there already may not grow: what goes in there is out of reach.
    if (before !== undefined && after.lamports > before.lamports)
      throw new Refused('takes-more', `${after.lamports - before.lamports} lamports into ${key}`)
    return before === undefined ? after.lamports : 0n
  }
  if (before === undefined) {
    checkRights(key, before, after, terms.wallet)
    return after?.lamports ?? 0n
  }
  // On its way a token may leave crumbs behind; nothing else of the account may change.
  const isSame =
    after !== undefined &&
    after.lamports === before.lamports &&
    after.owner === before.owner &&
    amountIn(after) >= amountIn(before) &&
    withoutAmount(after.bytes).equals(withoutAmount(before.bytes))
  if (!isSame) throw new Refused('other-changed', key)
  return 0n
}

const withoutAmount = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, 64), bytes.subarray(72)])

const isToken = (account: ChainAccount): boolean =>
  account.owner === TOKEN || account.owner === TOKEN_2022

/** True for a token account that belongs to a wallet. */
export const isOwn = (account: ChainAccount | undefined, wallet: string): boolean =>
  account !== undefined && isToken(account) && readTokenAccount(account.bytes)?.owner === wallet

/** Of the fields after the amount, none may change: delegate, state, close authority. */
const RIGHTS_AT = 72

/** Source and destination stay ours, and nobody gets a right over them that was not there. */
function checkRights(
  key: string,
  before: ChainAccount | undefined,
  after: ChainAccount | undefined,
  wallet: string,
): void {
  if (after === undefined) return
  const found = isToken(after) ? readTokenAccount(after.bytes) : undefined
  if (found?.owner !== wallet) throw new Refused('account-rights', `${key} would not be ours`)
  if (before === undefined) {
    if (found.hasDelegate || found.hasCloser) throw new Refused('account-rights', key)
    return
  }
  const [was, is] = [before.bytes, after.bytes]
  const isKept =
    was.length === is.length &&
    rightsIn(was).equals(rightsIn(is)) &&
    was.subarray(0, 64).equals(is.subarray(0, 64)) &&
    was.subarray(129, 165).equals(is.subarray(129, 165))
  if (!isKept) throw new Refused('account-rights', key)
}

/** Delegate and state; between them and the close authority are amounts that may move. */
const rightsIn = (bytes: Buffer): Buffer => bytes.subarray(RIGHTS_AT, 109)

const cashIn = (accounts: Snapshot, { wallet, wrapped }: SwapTerms): bigint =>
  (accounts.get(wallet)?.lamports ?? 0n) + (accounts.get(wrapped)?.lamports ?? 0n)

const amountIn = (account: ChainAccount | undefined): bigint =>
  account === undefined ? 0n : (readTokenAccount(account.bytes)?.amount ?? 0n)
