import {
  compileTransactionMessage,
  getCompiledTransactionMessageDecoder,
  getCompiledTransactionMessageEncoder,
} from '@solana/transaction-messages'
import { DataError, messageOf } from '../../../base/errors.ts'
import { SIGNATURE_BYTES } from '../../signed-bytes.ts'
import type { SwapInstruction } from './swap-parts.ts'

/**
 * Transactions of version 1 (SIMD-0385), which web3.js reads and cannot write: no lookup tables,
 * the compute budget in the header, signatures at the end, up to 4096 bytes.
 */
export const MAX_V1_BYTES = 4096
const MAX_KEYS = 64
const MAX_INSTRUCTIONS = 64

/** What the header of version 1 asks for; undefined = not told, which the runtime takes for 0. */
export interface TxBudget {
  /** Lamports in all, whatever is used. */
  priorityFee: bigint | undefined
  units: bigint | undefined
}

/** Bits of the header: two for the fee, then limits of units, of loaded bytes, of the heap. */
const FEE_BITS = 0b11
const [UNITS_BIT, LOADED_BIT, HEAP_BIT] = [4, 8, 16]
const KNOWN_BITS = FEE_BITS | UNITS_BIT | LOADED_BIT | HEAP_BIT

/** A message of version 1, taken apart: keys, places in them, and what it asks for. */
interface MessageOne {
  header: { signers: number; readonlySigners: number; readonlyOthers: number }
  keys: readonly string[]
  instructions: readonly { program: number; accounts: readonly number[]; data: Buffer }[]
  budget: TxBudget
}

/** What is wrong with a message: of its bytes, or of what its header asks for. */
interface Wrong {
  wrong: 'tx-bytes' | 'compute-budget'
  text: string
}

/** Reads a message of version 1: all its bytes, and none that say nothing. */
export function readMessageOne(bytes: Buffer): MessageOne | Wrong {
  let found: ReturnType<typeof decodeOne>
  try {
    found = decodeOne(bytes)
  } catch (error) {
    const mask = bytes.length >= 8 ? bytes.readUInt32LE(4) : 0
    const isHalf = (mask & FEE_BITS) !== 0 && (mask & FEE_BITS) !== FEE_BITS
    return {
      wrong: isHalf ? 'compute-budget' : 'tx-bytes',
      text: (error as Error).message.slice(0, 80),
    }
  }
  const { header, staticAccounts: keys, configMask, configValues } = found
  if ((configMask & ~KNOWN_BITS) !== 0)
    return { wrong: 'compute-budget', text: `bits ${configMask.toString(2)} of its header` }
  if (!Buffer.from(encoder.encode(found)).equals(bytes))
    return { wrong: 'tx-bytes', text: 'with bytes that say nothing' }
  if (keys.length > MAX_KEYS || found.numInstructions > MAX_INSTRUCTIONS)
    return {
      wrong: 'tx-bytes',
      text: `${keys.length} accounts and ${found.numInstructions} instructions`,
    }
  const values = configValues.map(({ value }) => BigInt(value))
  return {
    header: {
      signers: header.numSignerAccounts,
      readonlySigners: header.numReadonlySignerAccounts,
      readonlyOthers: header.numReadonlyNonSignerAccounts,
    },
    keys,
    budget: {
      priorityFee: (configMask & FEE_BITS) === 0 ? undefined : values.shift(),
      units: (configMask & UNITS_BIT) === 0 ? undefined : values.shift(),
    },
    instructions: found.instructionHeaders.map(({ programAccountIndex }, i) => {
      const { instructionAccountIndices, instructionData } = found.instructionPayloads[i]!
      return {
        program: programAccountIndex,
        accounts: instructionAccountIndices,
        data: Buffer.from(instructionData),
      }
    }),
  }
}

const decoder = getCompiledTransactionMessageDecoder()
const encoder = getCompiledTransactionMessageEncoder()

function decodeOne(bytes: Buffer) {
  const message = decoder.decode(bytes)
  if (message.version !== 1) throw new Error(`a message of version ${message.version}`)
  return message
}

/** Roles as the library numbers them: a signer is 2, what may be written to 1. */
const roleOf = ({ isSigner, isWritable }: SwapInstruction['accounts'][number]): number =>
  (isSigner ? 2 : 0) + (isWritable ? 1 : 0)

/** The most that a transaction may load, which version 0 has without asking (64 MiB). */
const LOADED_BYTES = 64 * 1024 * 1024

type Message = Parameters<typeof compileTransactionMessage>[0]

/**
 * An unsigned transaction of version 1; undefined when it has no room. `fee` = lamports for
 * priority, in all. A DataError when the instructions make no transaction.
 */
export function compileOne(parts: {
  payer: string
  blockhash: string
  instructions: readonly SwapInstruction[]
  units: bigint
  fee: bigint
}): Buffer | undefined {
  const message = {
    version: 1,
    feePayer: { address: parts.payer },
    lifetimeConstraint: { blockhash: parts.blockhash, lastValidBlockHeight: 0n },
    config: {
      computeUnitLimit: Number.parseInt(String(parts.units), 10),
      priorityFeeLamports: parts.fee,
      loadedAccountsDataSizeLimit: LOADED_BYTES,
    },
    instructions: parts.instructions.map(({ programId, accounts, data }) => ({
      programAddress: programId,
      accounts: accounts.map(each => ({ address: each.pubkey, role: roleOf(each) })),
      data: new Uint8Array(Buffer.from(data, 'base64')),
    })),
  }
  const named = message.instructions.flatMap(({ programAddress, accounts }) => [
    programAddress,
    ...accounts.map(({ address }) => address),
  ])
  if (new Set([parts.payer, ...named]).size > MAX_KEYS) return undefined
  if (message.instructions.length > MAX_INSTRUCTIONS) return undefined
  const [compiled, bytes] = made(message as unknown as Message)
  const unsigned = Buffer.alloc(compiled.header.numSignerAccounts * SIGNATURE_BYTES)
  return bytes.length + unsigned.length > MAX_V1_BYTES
    ? undefined
    : Buffer.concat([bytes, unsigned])
}

function made(message: Message) {
  try {
    const compiled = compileTransactionMessage(message)
    return [compiled, Buffer.from(encoder.encode(compiled))] as const
  } catch (error) {
    throw new DataError(`a transaction that cannot be put together: ${messageOf(error)}`)
  }
}
