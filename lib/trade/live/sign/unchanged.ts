import type { ChainAccount } from '../chain/chain-answers.ts'
import type { Solana } from '../chain/solana.ts'
import { Refused } from './refused.ts'

const UPGRADEABLE = 'BPFLoaderUpgradeab1e11111111111111111111111'
/**
 * Program data (loader-upgradeable state.rs): kind u32, slot of the last upgrade u64, authority.
 */
const HEAD_BYTES = 45

/**
 * Where the code of a program stands when it can be upgraded, and how much of it tells the slot.
 */
export const CODE_HEAD = { offset: 0, length: HEAD_BYTES } as const

/** The account that holds the code of an upgradeable program: derived from its address. */
export function codeOf({ PublicKey }: Solana, program: string): string {
  const seeds = [new PublicKey(program).toBuffer()]
  return PublicKey.findProgramAddressSync(seeds, new PublicKey(UPGRADEABLE))[0].toBase58()
}

/** Accounts that decide what the bytes will mean when they land: lookup tables and code. */
export type Meaning = ReadonlyMap<string, ChainAccount | undefined>

/**
 * Refuses to sign when what a simulation was made with is not there any more: the code of the
 * exchange was upgraded, or a lookup table lost or changed an entry (they may grow).
 */
export function checkUnchanged(tables: Meaning, code: Meaning, now: Meaning): void {
  for (const [key, was] of tables) {
    const is = now.get(key)
    const isKept =
      was !== undefined &&
      is !== undefined &&
      is.owner === was.owner &&
      lasting(is.bytes, was.bytes.length).equals(lasting(was.bytes, was.bytes.length))
    if (!isKept) throw new Refused('lookup-table', `${key} has changed`)
  }
  for (const [key, was] of code) {
    const is = now.get(key)
    const isKept = is?.owner === was?.owner && (is?.bytes.equals(was?.bytes ?? EMPTY) ?? true)
    if (!isKept) throw new Refused('program-changed', key)
  }
}

const EMPTY = Buffer.alloc(0)
/**
 * Of a lookup table: whether it is being closed, and its entries; when it grew last is left out.
 */
const GREW_AT = 12
const AUTHORITY_AT = 21
const lasting = (bytes: Buffer, length: number): Buffer =>
  Buffer.concat([bytes.subarray(0, GREW_AT), bytes.subarray(AUTHORITY_AT, length)])
