import {
  type Address,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  type Transaction,
} from '@solana/kit'
import type { PublicKey } from '@solana/web3.js'
import type { LiteSVM } from 'litesvm'
import { base58 } from '../lib/sources/decode/bytes.ts'

/** A transaction as it came in. */
export interface Wire {
  bytes: Buffer
  transaction: Transaction
  signature: string
  signatures: string[]
  blockhash: string
  version: number | 'legacy'
  header: { signers: number; readonlySigners: number; readonlyOthers: number }
  /**
   * In the order of the runtime: of the message, then of lookup tables: writable ones, then others.
   */
  keys: string[]
  /** How many keys are of the message, and how many of the looked-up ones are writable. */
  ownKeys: number
  lookedUpWritable: number
  instructions: { program: number; accounts: readonly number[]; data: Buffer }[]
  /** Lamports for priority that a header of version 1 offers; undefined in other versions. */
  priorityFee: bigint | undefined
}

type Message = ReturnType<ReturnType<typeof getCompiledTransactionMessageDecoder>['decode']>
type MessageOne = Extract<Message, { version: 1 }>

/** The first value of the header is the fee, where its two bits are set (SIMD-0385). */
const feeAsked = ({ configMask, configValues }: MessageOne): bigint =>
  (configMask & 3) === 3 ? BigInt(configValues[0]?.value ?? 0) : 0n

const instructionsOf = (message: Message): Wire['instructions'] =>
  message.version === 1
    ? message.instructionHeaders.map(({ programAccountIndex: program }, i) => {
        const { instructionAccountIndices, instructionData } = message.instructionPayloads[i]!
        return { program, accounts: instructionAccountIndices, data: Buffer.from(instructionData) }
      })
    : message.instructions.map(each => ({
        program: each.programAddressIndex,
        accounts: each.accountIndices ?? [],
        data: Buffer.from(each.data ?? []),
      }))

const TABLE_HEADER = 56
const UNSIGNED = new Uint8Array(64)

/**
 * Decodes a transaction in base64; lookup tables are read from the machine. Throws on anything
 * else.
 */
export function decodeWire(svm: LiteSVM, base64: string): Wire {
  const bytes = Buffer.from(base64, 'base64')
  const transaction = getTransactionDecoder().decode(bytes)
  const message = getCompiledTransactionMessageDecoder().decode(transaction.messageBytes)
  const lookups = message.version === 0 ? (message.addressTableLookups ?? []) : []
  const read = (table: Address, indexes: readonly number[]): string[] => {
    const account = svm.getAccount(table)
    if (!account.exists) throw new Error(`no lookup table ${table}`)
    return indexes.map(i =>
      base58(Buffer.from(account.data.slice(TABLE_HEADER + 32 * i, TABLE_HEADER + 32 * (i + 1)))),
    )
  }
  const writable = lookups.flatMap(each => read(each.lookupTableAddress, each.writableIndexes))
  const readonly = lookups.flatMap(each => read(each.lookupTableAddress, each.readonlyIndexes))
  const signatures = Object.values(transaction.signatures).map(each =>
    base58(Buffer.from(each ?? UNSIGNED)),
  )
  const { numSignerAccounts, numReadonlySignerAccounts, numReadonlyNonSignerAccounts } =
    message.header
  return {
    bytes,
    transaction,
    signatures,
    signature: signatures[0] ?? '',
    blockhash: message.lifetimeToken,
    version: message.version,
    header: {
      signers: numSignerAccounts,
      readonlySigners: numReadonlySignerAccounts,
      readonlyOthers: numReadonlyNonSignerAccounts,
    },
    keys: [...message.staticAccounts, ...writable, ...readonly],
    ownKeys: message.staticAccounts.length,
    lookedUpWritable: writable.length,
    instructions: instructionsOf(message),
    priorityFee: message.version === 1 ? feeAsked(message) : undefined,
  }
}

const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111'
const LAMPORTS_PER_SIGNATURE = 5000n
const UNITS_PER_INSTRUCTION = 200_000n

/**
 * What a transaction pays: 5000 lamports per signature + ceil(price × units asked for / 10^6)
 * (solana.com, fees).
 */
export function feeOf({ keys, instructions, signatures, priorityFee }: Wire): bigint {
  if (priorityFee !== undefined)
    return LAMPORTS_PER_SIGNATURE * BigInt(signatures.length) + priorityFee
  let price = 0n
  let units: bigint | undefined
  const budget = instructions.filter(({ program }) => keys[program] === COMPUTE_BUDGET)
  for (const { data } of budget) {
    if (data[0] === 2) units = BigInt(data.readUInt32LE(1))
    if (data[0] === 3) price = data.readBigUInt64LE(1)
  }
  units ??= UNITS_PER_INSTRUCTION * BigInt(instructions.length - budget.length)
  return (
    LAMPORTS_PER_SIGNATURE * BigInt(signatures.length) + (price * units + 999_999n) / 1_000_000n
  )
}

/** Base58 of an address as the machine wants it. */
export const at = (key: PublicKey | string): Address =>
  (typeof key === 'string' ? key : key.toBase58()) as Address
