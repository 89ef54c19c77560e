import { DataError } from '../../../base/errors.ts'
import type { RpcAccount } from '../../../sources/rpc/client.ts'
import { loadSolana } from '../chain/solana.ts'
import { ANY_BLOCKHASH, budgetOf, compileTx } from '../sign/compile-tx.ts'
import type { SwapInstruction } from '../sign/swap-parts.ts'
import type { TxVersion } from '../sign/tx-versions.ts'
import { compileOne } from '../sign/version-one.ts'

const UNITS = 1_400_000n

/**
 * A transaction that nobody has signed, for simulation only: the node puts a blockhash in. Of the
 * first of the versions that has room. Throws a DataError when none has, or a lookup table cannot
 * be read.
 */
export async function unsigned(
  payer: string,
  instructions: readonly SwapInstruction[],
  tables: ReadonlyMap<string, RpcAccount | undefined>,
  versions: readonly TxVersion[],
): Promise<Uint8Array> {
  const solana = await loadSolana()
  const about = { payer, blockhash: ANY_BLOCKHASH }
  const [limit] = budgetOf(UNITS, 0n)
  const make = {
    0: () => compileTx(solana, { ...about, instructions: [limit!, ...instructions], tables }),
    1: () => compileOne({ ...about, instructions, units: UNITS, fee: 0n }),
  }
  for (const version of versions) {
    const bytes = make[version]()
    if (bytes !== undefined) return bytes
  }
  throw new DataError('the simulation does not fit into a packet')
}
