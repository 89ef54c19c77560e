import { DataError } from '../../../base/errors.ts'
import { least } from '../../../market/ratio.ts'
import { WSOL } from '../../../sources/decode/programs.ts'
import { amountAt, countAt, type Json, listAt, objectAt } from '../chain/foreign-json.ts'

/** What a transaction really moved, in base units and lamports. */
export interface Realised {
  slot: number
  isReverted: boolean
  /** Network fee of the signatures, and what was paid on top to be early. */
  fee: bigint
  priorityFee: bigint
  tip: bigint
  /** Tokens that came in; negative = went out. */
  tokens: bigint
  /**
   * Lamports that came in from the swap itself; fees, tip and deposits apart. Negative = went out.
   */
  cash: bigint
  /** Deposits paid for token accounts of the token; negative = given back. */
  rent: bigint
}

const SIGNATURE_LAMPORTS = 5000n

/**
 * Reads from the balances before and after what a confirmed transaction did to a wallet: quotes are
 * hopes, this is what happened. Our money is the wallet and its accounts of wrapped SOL; what went
 * into accounts of the token itself is a deposit. A DataError when the node leaves out what is
 * needed: then nobody knows yet.
 */
export function realised(
  json: unknown,
  about: { wallet: string; mint: string; signature: string; tips: readonly string[] },
): Realised {
  const { slot, signatures, details, keys } = readLanded(json, about.signature)
  if (keys[0] !== about.wallet)
    throw new DataError('transaction: its fee was not paid by our wallet')
  if (details.err === undefined) throw new DataError('transaction: does not say whether it failed')
  const total = amountAt(details.fee, 'meta.fee')
  const fee = least(total, SIGNATURE_LAMPORTS * BigInt(listAt(signatures, 'signatures', 64).length))
  const moved = lamportsMoved(details, keys.length)
  const tokenRows = [
    ...rowsOf(details, 'preTokenBalances', about),
    ...rowsOf(details, 'postTokenBalances', about),
  ]
  const sumOf = (mint: string): bigint =>
    sum([...accountsOf(tokenRows, mint)].map(at => moved[at] ?? 0n))
  const tip = sum(
    keys.map((key, at) =>
      typeof key === 'string' && about.tips.includes(key) ? (moved[at] ?? 0n) : 0n,
    ),
  )
  const rent = about.mint === WSOL ? 0n : sumOf(about.mint)
  return {
    slot: countAt(slot, 'transaction.slot'),
    isReverted: details.err !== null,
    fee,
    priorityFee: total - fee,
    tip,
    rent,
    tokens: sum(tokenRows.map(row => (row.mint === about.mint ? row.amount : 0n))),
    cash: (moved[0] ?? 0n) + sumOf(WSOL) + rent + total + tip,
  }
}

/**
 * Lamports by which a confirmed transaction changed a wallet and its accounts of wrapped SOL, fees
 * included. A DataError when the node leaves out what is needed.
 */
export function moneyMoved(
  json: unknown,
  { wallet, signature }: { wallet: string; signature: string },
): bigint {
  const { details, keys } = readLanded(json, signature)
  const moved = lamportsMoved(details, keys.length)
  const rows = [
    ...rowsOf(details, 'preTokenBalances', { wallet }),
    ...rowsOf(details, 'postTokenBalances', { wallet }),
  ]
  const wrapped = [...accountsOf(rows, WSOL)].map(at => moved[at] ?? 0n)
  return (moved[keys.indexOf(wallet)] ?? 0n) + sum(wrapped)
}

/** Addresses that have signed a transaction: the first of those that its message names. */
export function signersOf(json: unknown, signature: string): unknown[] {
  const { keys, signatures } = readLanded(json, signature)
  return keys.slice(0, listAt(signatures, 'signatures', 64).length)
}

/** What is needed of a transaction: the one that was asked for, and the addresses that it names. */
function readLanded(json: unknown, signature: string) {
  const { slot, meta, transaction } = objectAt(json, 'transaction')
  const { message, signatures } = objectAt(transaction, 'transaction.transaction')
  const details = objectAt(meta, 'transaction.meta')
  if (listAt(signatures, 'signatures', 64)[0] !== signature)
    throw new DataError('transaction: another one')
  return { slot, signatures, details, keys: keysOf(objectAt(message, 'message'), details) }
}

/** Static accounts, then those of lookup tables: writable first. */
function keysOf({ accountKeys }: Json, { loadedAddresses }: Json): unknown[] {
  const loaded =
    loadedAddresses === undefined || loadedAddresses === null
      ? {}
      : objectAt(loadedAddresses, 'loaded')
  const { writable = [], readonly = [] } = loaded
  return [
    ...listAt(accountKeys, 'accountKeys', 256),
    ...listAt(writable, 'loadedAddresses.writable', 256),
    ...listAt(readonly, 'loadedAddresses.readonly', 256),
  ]
}

function lamportsMoved({ preBalances, postBalances }: Json, count: number): bigint[] {
  const [pre, post] = [
    listAt(preBalances, 'preBalances', 256),
    listAt(postBalances, 'postBalances', 256),
  ]
  if (pre.length !== count || post.length !== count)
    throw new DataError('transaction: balances of other accounts')
  return post.map((after, at) => amountAt(after, 'postBalances') - amountAt(pre[at], 'preBalances'))
}

interface Row {
  at: number
  mint: string
  /** Signed: what was there before counts against what is there after. */
  amount: bigint
}

/** Token balances of our wallet. */
function rowsOf(
  details: Json,
  which: 'preTokenBalances' | 'postTokenBalances',
  { wallet }: { wallet: string },
): Row[] {
  const sign = which === 'preTokenBalances' ? -1n : 1n
  return listAt(details[which], which, 256).flatMap(each => {
    const { accountIndex, mint, owner, uiTokenAmount } = objectAt(each, which)
    if (typeof mint !== 'string' || typeof owner !== 'string')
      throw new DataError(`${which}: a row without an owner`)
    if (owner !== wallet) return []
    const amount = amountAt(objectAt(uiTokenAmount, which).amount, `${which}.amount`)
    return [{ at: countAt(accountIndex, `${which}.accountIndex`), mint, amount: sign * amount }]
  })
}

const accountsOf = (rows: readonly Row[], mint: string): Set<number> =>
  new Set(rows.filter(row => row.mint === mint).map(({ at }) => at))

const sum = (amounts: readonly bigint[]): bigint =>
  amounts.reduce((total, amount) => total + amount, 0n)
