import { DataError, messageOf } from '../../../base/errors.ts'
import type { ChainAccount } from '../chain/chain-answers.ts'
import { COMPUTE_BUDGET, type Solana, SYSTEM } from '../chain/solana.ts'
import type { SwapInstruction } from './swap-parts.ts'
import { MAX_TX_BYTES } from './wire-tx.ts'

/** A blockhash that stands for one: a node puts its own in when it simulates. */
export const ANY_BLOCKHASH = SYSTEM

/**
 * A transaction of version 0 from instructions, its signature still empty; undefined when it does
 * not fit into a packet. Throws a DataError when a lookup table cannot be read, or the instructions
 * make no transaction.
 */
export function compileTx(
  web3: Solana,
  parts: {
    payer: string
    blockhash: string
    instructions: readonly SwapInstruction[]
    tables: ReadonlyMap<string, Pick<ChainAccount, 'bytes'> | undefined>
  },
): Buffer | undefined {
  const { PublicKey } = web3
  const lookups = [...parts.tables].map(([key, account]) => {
    if (account === undefined) throw new DataError(`lookup table ${key} cannot be read`)
    const state = web3.AddressLookupTableAccount.deserialize(new Uint8Array(account.bytes))
    return new web3.AddressLookupTableAccount({ key: new PublicKey(key), state })
  })
  try {
    const bytes = made(web3, parts, lookups)
    return bytes.length > MAX_TX_BYTES ? undefined : bytes
  } catch (error) {
    // The library writes into a buffer of the size of a packet.
    if (error instanceof RangeError) return undefined
    throw new DataError(`a transaction that cannot be put together: ${messageOf(error)}`)
  }
}

type Parts = Parameters<typeof compileTx>[1]

function made(
  web3: Solana,
  parts: Parts,
  lookups: InstanceType<Solana['AddressLookupTableAccount']>[],
): Buffer {
  const { PublicKey } = web3
  const message = new web3.TransactionMessage({
    payerKey: new PublicKey(parts.payer),
    recentBlockhash: parts.blockhash,
    instructions: parts.instructions.map(
      each =>
        new web3.TransactionInstruction({
          programId: new PublicKey(each.programId),
          keys: each.accounts.map(account => ({
            ...account,
            pubkey: new PublicKey(account.pubkey),
          })),
          data: Buffer.from(each.data, 'base64'),
        }),
    ),
  }).compileToV0Message(lookups)
  return Buffer.from(new web3.VersionedTransaction(message).serialize())
}

/** Limit of compute units, and µlamports for each. */
export function budgetOf(units: bigint, price: bigint): SwapInstruction[] {
  const [limit, fee] = [Buffer.alloc(5), Buffer.alloc(9)]
  limit[0] = 2
  limit.writeUInt32LE(Number.parseInt(String(units), 10), 1)
  fee[0] = 3
  fee.writeBigUInt64LE(price, 1)
  return [limit, fee].map(data => ({
    programId: COMPUTE_BUDGET,
    accounts: [],
    data: data.toString('base64'),
  }))
}

/** A transfer of lamports from a wallet. */
export function transferOf(from: string, to: string, lamports: bigint): SwapInstruction {
  const data = Buffer.alloc(12)
  data.writeUInt32LE(2, 0)
  data.writeBigUInt64LE(lamports, 4)
  return {
    programId: SYSTEM,
    accounts: [
      { pubkey: from, isSigner: true, isWritable: true },
      { pubkey: to, isSigner: false, isWritable: true },
    ],
    data: data.toString('base64'),
  }
}
