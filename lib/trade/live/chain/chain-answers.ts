import { DataError } from '../../../base/errors.ts'
import { isAddress } from '../../../sources/decode/base58.ts'
import { amountAt, bytesAt, countAt, type Json, listAt, objectAt } from './foreign-json.ts'

/** An account with its balance. */
export interface ChainAccount {
  owner: string
  lamports: bigint
  bytes: Buffer
}

/** What a simulated transaction did. */
export interface Simulated {
  /** Text of the error; undefined when it would succeed. */
  failure: string | undefined
  units: number
  /** Accounts asked for as they would be afterwards; undefined where there would be none. */
  accounts: (ChainAccount | undefined)[]
}

/** The largest account that is read here is a mint with extensions. */
const MAX_ACCOUNT = 64 * 1024

/** A status of getSignatureStatuses; undefined where the node has none. */
export function statusOf(
  value: unknown,
): { isConfirmed: boolean; isReverted: boolean } | undefined {
  if (value === null || value === undefined) return undefined
  const { confirmationStatus, err } = objectAt(value, 'rpc getSignatureStatuses: status')
  if (err === undefined)
    throw new DataError('rpc getSignatureStatuses: a status that does not say whether it failed')
  const isConfirmed = confirmationStatus === 'confirmed' || confirmationStatus === 'finalized'
  return { isConfirmed, isReverted: err !== null }
}

/** What simulateTransaction says, with `count` accounts. A DataError where it says less. */
export function simulatedOf(value: Json, count: number): Simulated {
  const { err, unitsConsumed, accounts } = value
  if (err === undefined)
    throw new DataError('rpc simulateTransaction: does not say whether it failed')
  if (err !== null) return { failure: JSON.stringify(err).slice(0, 200), units: 0, accounts: [] }
  return {
    failure: undefined,
    units: countAt(unitsConsumed, 'unitsConsumed'),
    accounts: accountsOf(accounts, count, 'rpc simulateTransaction'),
  }
}

/** So many accounts in order, undefined where there is none. A DataError for any other answer. */
export function accountsOf(
  value: unknown,
  count: number,
  what: string,
): (ChainAccount | undefined)[] {
  const rows = listAt(value, what, count)
  if (rows.length !== count)
    throw new DataError(`${what}: expected ${count} accounts, got ${rows.length}`)
  return rows.map(row => (row === null ? undefined : accountAt(objectAt(row, what), what)))
}

function accountAt({ owner, lamports, data }: Json, what: string): ChainAccount | undefined {
  if (!isAddress(owner)) throw new DataError(`${what}: an account without an owner`)
  const [text, encoding] = listAt(data, `${what}: data`, 2)
  if (encoding !== 'base64') throw new DataError(`${what}: expected base64 data`)
  const account = {
    owner,
    lamports: amountAt(lamports, `${what}: lamports`),
    bytes: bytesAt(text, what, MAX_ACCOUNT),
  }
  // An account that was emptied by the transaction is gone.
  return account.lamports === 0n ? undefined : account
}

/** A row of getTokenAccountsByOwner. */
export function tokenAccountOf({ pubkey, account }: Json): {
  address: string
  lamports: bigint
  bytes: Buffer
} {
  const found = accountAt(objectAt(account, 'token account'), 'token account')
  if (!isAddress(pubkey) || found === undefined)
    throw new DataError('rpc getTokenAccountsByOwner: not a token account')
  return { address: pubkey, lamports: found.lamports, bytes: found.bytes }
}
