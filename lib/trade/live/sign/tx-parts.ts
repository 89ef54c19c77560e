import { keyText } from '../../../base/base58.ts'
import type { ChainAccount } from '../chain/chain-answers.ts'
import type { Solana, VersionedMessage } from '../chain/solana.ts'
import { Refused } from './refused.ts'

/** A transaction with every address that it names, those of lookup tables too. */
export interface TxParts {
  /** In the order of the runtime: of the message, then of tables: writable ones, then others. */
  keys: readonly string[]
  /** How many of them the message itself holds: no table can change those. */
  ownKeys: number
  /** Places in `keys` that it may write to. */
  writable: ReadonlySet<number>
  signatures: readonly Uint8Array[]
  signers: number
  instructions: readonly Instruction[]
}

/** An instruction with its addresses. */
export interface Instruction {
  program: string
  accounts: readonly string[]
  /** Places of the accounts in the keys of the transaction. */
  places: readonly number[]
  data: Buffer
}

/** Largest transaction that a node takes (packet size less headers). */
export const MAX_TX_BYTES = 1232
const TABLES = 'AddressLookupTab1e1111111111111111111111111'
/**
 * Lookup table (address-lookup-table state.rs): slot of deactivation, then a header of 56 bytes.
 */
const DEACTIVATION_AT = 4
const TABLE_HEADER = 56
const ACTIVE = 2n ** 64n - 1n

/** Lookup tables that a transaction in bytes names. Refuses what is no legacy or v0 transaction. */
export function tablesOf(solana: Solana, bytes: Buffer): string[] {
  const { message } = read(solana, bytes)
  return (message.addressTableLookups ?? []).map(({ accountKey }) => accountKey.toBase58())
}

/**
 * Takes a transaction apart, with the contents of its lookup tables. Refused when it cannot be
 * read, or when a table lacks an entry, is being closed, or is no table: then nobody knows what the
 * bytes will name when they land.
 */
export function txParts(
  solana: Solana,
  bytes: Buffer,
  tables: ReadonlyMap<string, ChainAccount | undefined>,
): TxParts {
  const { message, signatures } = read(solana, bytes)
  const own = message.staticAccountKeys.map(key => key.toBase58())
  const lookups = (message.addressTableLookups ?? []).map(lookup => ({
    ...lookup,
    entries: entriesOf(lookup.accountKey.toBase58(), tables),
  }))
  const from = (which: 'writableIndexes' | 'readonlyIndexes'): string[] =>
    lookups.flatMap(({ entries, accountKey, ...lookup }) =>
      lookup[which].map(i => entryAt(entries, i, accountKey.toBase58())),
    )
  const [writable, readonly] = [from('writableIndexes'), from('readonlyIndexes')]
  const keys = [...own, ...writable, ...readonly]
  const isWritable = (at: number): boolean =>
    at < own.length ? message.isAccountWritable(at) : at < own.length + writable.length
  return {
    keys,
    ownKeys: own.length,
    writable: new Set(keys.map((_, at) => at).filter(isWritable)),
    signatures,
    signers: message.header.numRequiredSignatures,
    instructions: message.compiledInstructions.map(each => ({
      program: keyAt(keys, each.programIdIndex),
      accounts: each.accountKeyIndexes.map(at => keyAt(keys, at)),
      places: each.accountKeyIndexes,
      data: Buffer.from(each.data),
    })),
  }
}

/** Bytes as a message and its signatures. Version 1 has no place for tables and other headers. */
function read(
  { VersionedTransaction }: Solana,
  bytes: Buffer,
): { message: VersionedMessage; signatures: Uint8Array[] } {
  if (bytes.length > MAX_TX_BYTES)
    throw new Refused('tx-bytes', `${bytes.length} bytes, a node takes ${MAX_TX_BYTES}`)
  let tx: InstanceType<Solana['VersionedTransaction']>
  let again: Buffer
  try {
    tx = VersionedTransaction.deserialize(bytes)
    again = Buffer.from(tx.serialize())
  } catch (error) {
    throw new Refused('tx-bytes', (error as Error).message.slice(0, 80))
  }
  // What is cut off reads as zeros: what is checked has to be what is signed.
  if (!again.equals(bytes)) throw new Refused('tx-bytes', 'cut off, or with bytes that say nothing')
  if (tx.message.version !== 0 && tx.message.version !== 'legacy')
    throw new Refused('tx-bytes', 'version 1 cannot be signed yet')
  return tx
}

function keyAt(keys: readonly string[], at: number): string {
  const key = keys[at]
  if (key === undefined) throw new Refused('tx-bytes', `it names account ${at} of ${keys.length}`)
  return key
}

function entriesOf(table: string, tables: ReadonlyMap<string, ChainAccount | undefined>): Buffer {
  const account = tables.get(table)
  if (account === undefined || account.owner !== TABLES || account.bytes.length < TABLE_HEADER)
    throw new Refused('lookup-table', `${table} is none`)
  if (account.bytes.readBigUInt64LE(DEACTIVATION_AT) !== ACTIVE)
    throw new Refused('lookup-table', `${table} is being closed`)
  return account.bytes
}

function entryAt(entries: Buffer, i: number, table: string): string {
  const at = TABLE_HEADER + 32 * i
  if (at + 32 > entries.length) throw new Refused('lookup-table', `${table} has no entry ${i} yet`)
  return keyText(entries, at)
}
