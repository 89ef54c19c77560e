import { splitTx, VERSION_ONE, VERSIONED } from '../../signed-bytes.ts'
import type { Solana } from '../chain/solana.ts'
import { Refused } from './refused.ts'
import { MAX_V1_BYTES, readMessageOne, type TxBudget } from './version-one.ts'

/** A transaction as its bytes say it: places are of its own keys, then of what tables give. */
export interface WireTx {
  header: { signers: number; readonlySigners: number; readonlyOthers: number }
  keys: readonly string[]
  lookups: readonly {
    table: string
    writable: readonly number[]
    readonly: readonly number[]
  }[]
  instructions: readonly {
    program: number
    accounts: readonly number[]
    data: Uint8Array
  }[]
  signatures: readonly Uint8Array[]
  /** Of version 1 only. */
  budget: TxBudget | undefined
}

/** Largest transaction of version 0 that a node takes (packet size less headers). */
export const MAX_TX_BYTES = 1232

/** Reads a transaction of version 0 or 1, or one without a version. Refuses all else. */
export function readWire(solana: Solana, bytes: Buffer): WireTx {
  const first = bytes[0] ?? 0
  if (first > VERSION_ONE) throw new Refused('tx-version', `version ${first ^ VERSIONED}`)
  const most = first === VERSION_ONE ? MAX_V1_BYTES : MAX_TX_BYTES
  if (bytes.length > most)
    throw new Refused('tx-bytes', `${bytes.length} bytes, a node takes ${most}`)
  const wire = first === VERSION_ONE ? readOne(bytes) : readZero(solana, bytes)
  const { signers, readonlySigners, readonlyOthers } = wire.header
  if (readonlySigners >= signers || signers + readonlyOthers > wire.keys.length)
    throw new Refused('tx-bytes', `a header of ${signers}, ${readonlySigners}, ${readonlyOthers}`)
  return wire
}

function readOne(bytes: Buffer): WireTx {
  const split = splitTx(bytes)
  if (split === undefined) throw new Refused('tx-bytes', 'no room for its signatures')
  const { message, signatures } = split
  const found = readMessageOne(message)
  if ('wrong' in found) throw new Refused(found.wrong, found.text)
  return { ...found, lookups: [], signatures }
}

function readZero({ VersionedTransaction }: Solana, bytes: Buffer): WireTx {
  let tx: InstanceType<Solana['VersionedTransaction']>
  let again: Buffer
  try {
    tx = VersionedTransaction.deserialize(bytes)
    if (tx.version !== 0 && tx.version !== 'legacy')
      throw new Refused('tx-version', `version ${tx.version}`)
    again = Buffer.from(tx.serialize())
  } catch (error) {
    if (error instanceof Refused) throw error
    const text = (error as Error).message.slice(0, 80)
    const isVersion = /version \d+ deserialization/.test(text)
    throw new Refused(isVersion ? 'tx-version' : 'tx-bytes', text)
  }
  // What is cut off reads as zeros: what is checked has to be what is signed.
  if (!again.equals(bytes)) throw new Refused('tx-bytes', 'cut off, or with bytes that say nothing')
  const { header, staticAccountKeys, addressTableLookups, compiledInstructions } = tx.message
  return {
    header: {
      signers: header.numRequiredSignatures,
      readonlySigners: header.numReadonlySignedAccounts,
      readonlyOthers: header.numReadonlyUnsignedAccounts,
    },
    keys: staticAccountKeys.map(key => key.toBase58()),
    lookups: (addressTableLookups ?? []).map(each => ({
      table: each.accountKey.toBase58(),
      writable: each.writableIndexes,
      readonly: each.readonlyIndexes,
    })),
    instructions: compiledInstructions.map(each => ({
      program: each.programIdIndex,
      accounts: each.accountKeyIndexes,
      data: each.data,
    })),
    signatures: tx.signatures,
    budget: undefined,
  }
}
