import { keyText } from '../../../sources/decode/base58.ts'
import type { ChainAccount } from '../chain/chain-answers.ts'
import type { Solana } from '../chain/solana.ts'
import { Refused } from './refused.ts'
import type { TxBudget } from './version-one.ts'
import { readWire, type WireTx } from './wire-tx.ts'

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
  /** What a header of version 1 asks for; undefined in other versions, which have instructions. */
  budget: TxBudget | undefined
}

/** An instruction with its addresses. */
export interface Instruction {
  program: string
  accounts: readonly string[]
  /** Places of the accounts in the keys of the transaction. */
  places: readonly number[]
  data: Buffer
}

const TABLES = 'AddressLookupTab1e1111111111111111111111111'
/**
 * Lookup table (address-lookup-table state.rs): slot of deactivation, then a header of 56 bytes.
 */
const DEACTIVATION_AT = 4
const TABLE_HEADER = 56
const ACTIVE = 2n ** 64n - 1n

/** Lookup tables that a transaction in bytes names. Refuses what cannot be read. */
export const tablesOf = (solana: Solana, bytes: Buffer): string[] =>
  readWire(solana, bytes).lookups.map(({ table }) => table)

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
  const wire = readWire(solana, bytes)
  const [writable, readonly] = lookedUp(wire, tables)
  const { keys: own, header, signatures, budget } = wire
  const keys = [...own, ...writable, ...readonly]
  const twice = keys.find((key, at) => keys.indexOf(key) !== at)
  if (twice !== undefined) throw new Refused('tx-bytes', `it names ${twice} twice`)
  const isWritable = (at: number): boolean =>
    at < own.length ? isOwnWritable(wire, at) : at < own.length + writable.length
  return {
    keys,
    ownKeys: own.length,
    writable: new Set(keys.map((_, at) => at).filter(isWritable)),
    signatures,
    signers: header.signers,
    budget,
    instructions: wire.instructions.map(({ program, accounts, data }) => ({
      program: keyAt(own, program),
      accounts: accounts.map(at => keyAt(keys, at)),
      places: accounts,
      data: Buffer.from(data),
    })),
  }
}

/** Of the message itself: first come signers, of both the ones that are written to. */
const isOwnWritable = ({ keys, header }: WireTx, at: number): boolean =>
  at < header.signers
    ? at < header.signers - header.readonlySigners
    : at < keys.length - header.readonlyOthers

function lookedUp(
  { lookups }: WireTx,
  tables: ReadonlyMap<string, ChainAccount | undefined>,
): [writable: string[], readonly: string[]] {
  const read = lookups.map(each => ({ ...each, entries: entriesOf(each.table, tables) }))
  const from = (which: 'writable' | 'readonly'): string[] =>
    read.flatMap(each => each[which].map(i => entryAt(each.entries, i, each.table)))
  return [from('writable'), from('readonly')]
}

function keyAt(keys: readonly string[], at: number): string {
  const key = keys[at]
  if (key === undefined) throw new Refused('tx-bytes', `it names account ${at} of ${keys.length}`)
  return key
}

/** Bytes of a lookup table. Refused when it is none, or is being closed. */
export function entriesOf(
  table: string,
  tables: ReadonlyMap<string, ChainAccount | undefined>,
): Buffer {
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
