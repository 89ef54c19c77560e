import { DataError } from '../../../base/errors.ts'
import type { RpcAccount } from '../../../sources/rpc/client.ts'
import { loadSolana } from '../chain/solana.ts'
import { ANY_BLOCKHASH, budgetOf, compileTx } from '../sign/compile-tx.ts'
import type { SwapInstruction } from '../sign/swap-parts.ts'

const UNITS = 1_400_000n

/**
 * A transaction of version 0 that nobody has signed, for simulation only: the node puts a blockhash
 * in. Throws a DataError when it does not fit into a packet, or a lookup table cannot be read.
 */
export async function unsigned(
  payer: string,
  instructions: readonly SwapInstruction[],
  tables: ReadonlyMap<string, RpcAccount | undefined>,
): Promise<Uint8Array> {
  const [limit] = budgetOf(UNITS, 0n)
  const bytes = compileTx(await loadSolana(), {
    payer,
    blockhash: ANY_BLOCKHASH,
    instructions: [limit!, ...instructions],
    tables,
  })
  if (bytes === undefined) throw new DataError('the simulation does not fit into a packet')
  return bytes
}
