import { DataError } from '../../../base/errors.ts'
import { loadSolana } from '../chain/solana.ts'
import type { SwapInstruction } from './token-asker.ts'

/** A packet of the network, less the room that signatures take. */
const MAX_BYTES = 1232
const UNITS = 1_400_000

/**
 * A transaction of version 0 that nobody has signed, for simulation only: the node puts a blockhash
 * in. Throws a DataError when it does not fit into a packet, or a lookup table cannot be read.
 */
export async function unsigned(
  payer: string,
  instructions: readonly SwapInstruction[],
  tables: readonly { key: string; bytes: Buffer | undefined }[],
): Promise<Uint8Array> {
  const web3 = await loadSolana()
  const { PublicKey, AddressLookupTableAccount: Table } = web3
  const lookups = tables.map(({ key, bytes }) => {
    if (bytes === undefined) throw new DataError(`lookup table ${key} cannot be read`)
    return new Table({ key: new PublicKey(key), state: Table.deserialize(new Uint8Array(bytes)) })
  })
  const message = new web3.TransactionMessage({
    payerKey: new PublicKey(payer),
    recentBlockhash: web3.SystemProgram.programId.toBase58(),
    instructions: [
      web3.ComputeBudgetProgram.setComputeUnitLimit({ units: UNITS }),
      ...instructions.map(
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
    ],
  }).compileToV0Message(lookups)
  const bytes = new web3.VersionedTransaction(message).serialize()
  if (bytes.length > MAX_BYTES)
    throw new DataError(`simulation of ${bytes.length} bytes does not fit into a packet`)
  return bytes
}
