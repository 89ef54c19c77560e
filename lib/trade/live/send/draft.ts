import { DataError } from '../../../base/errors.ts'
import type { ChainAccount } from '../chain/chain-answers.ts'
import { ANY_BLOCKHASH, budgetOf, compileTx, transferOf } from '../sign/compile-tx.ts'
import { guardOf, type Promised } from '../sign/on-chain-guard.ts'
import type { SwapParts } from '../sign/swap-parts.ts'
import type { SwapTerms } from '../sign/swap-terms.ts'
import { entriesOf, tablesOf } from '../sign/tx-parts.ts'
import { compileOne } from '../sign/version-one.ts'
import { priorityFee } from './fees.ts'
import type { SwapTools } from './prepare-swap.ts'
import type { Built } from './swapper.ts'

/** What is ours to choose in a transaction that we put together. */
interface Choice {
  units: bigint
  price: bigint
  blockhash: string
  /** What the guard is to hold it to; undefined = no guard. */
  promised: Promised | undefined
}

/** A transaction before it is signed. */
export interface Draft {
  bytes: Buffer
  tables: ReadonlyMap<string, ChainAccount | undefined>
  /** Of an exchange that lands it too. */
  built: Built | undefined
  /**
   * The same swap with other choices, where we put it together, in the first version that has room
   * for it; undefined when none has.
   */
  remake: ((choice: Choice) => Buffer | undefined) | undefined
}

/** Most compute units that a transaction may have: what it needs is not known yet. */
export const MAX_UNITS = 1_400_000n

/** The first draft of a swap, from its instructions or as the exchange made it. */
export async function draftOf(
  { chain, solana, versions }: SwapTools,
  swap: SwapParts | Built,
  terms: SwapTerms,
  signal: AbortSignal,
): Promise<Draft> {
  const names = 'tx' in swap ? tablesOf(solana, swap.tx) : swap.lookupTables
  const found = names.length === 0 ? [] : await chain.accounts(names, signal)
  const tables = new Map(names.map((name, i) => [name, found[i]] as const))
  if ('tx' in swap) return { bytes: swap.tx, tables, built: swap, remake: undefined }
  for (const name of names) entriesOf(name, tables)
  const payer = terms.wallet
  const remake = ({ units, price, blockhash, promised }: Choice): Buffer | undefined => {
    const instructions = [
      ...swap.instructions,
      ...tipOf(terms, blockhash),
      ...(promised === undefined ? [] : guardOf(terms, promised)),
    ]
    const make = {
      0() {
        const all = [...budgetOf(units, price), ...instructions]
        return compileTx(solana, { payer, blockhash, tables, instructions: all })
      },
      1() {
        const fee = priorityFee(units, price)
        return compileOne({ payer, blockhash, instructions, units, fee })
      },
    }
    for (const version of versions()) {
      const bytes = make[version]()
      if (bytes !== undefined) return bytes
    }
    return undefined
  }
  const first = { units: MAX_UNITS, price: 0n, blockhash: ANY_BLOCKHASH, promised: undefined }
  return { bytes: bytesOf(remake(first)), tables, built: undefined, remake }
}

/** The bytes; a DataError where there is no room for them: another route may be shorter. */
export function bytesOf(made: Buffer | undefined): Buffer {
  if (made === undefined) throw new DataError('the swap does not fit into a packet')
  return made
}

/** Tips go to one of several accounts, so that not all write to the same one. */
function tipOf({ wallet, tip, tips }: SwapTerms, blockhash: string) {
  const to = tips[blockhash.charCodeAt(0) % Math.max(1, tips.length)]
  return tip === 0n || to === undefined ? [] : [transferOf(wallet, to, tip)]
}
