import { fromBase58 } from '../../../sources/decode/base58.ts'
import type { SwapInstruction } from './swap-parts.ts'
import type { SwapTerms } from './swap-terms.ts'

/**
 * Lighthouse, a published program that does nothing but fail when an account is not as asserted
 * (github Jac0xb/lighthouse, audited; its id is of lib.rs, the bytes below of instruction.rs and
 * types/assert).
 */
export const GUARD = 'L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95'

const ACCOUNT_INFO = 6
const TOKEN_ACCOUNT = 10
const SILENT = 0
const EQUAL = 0
const AT_LEAST = 4
/** Assertions on an account: lamports (0), and its owner among programs known by number (3). */
const LAMPORTS = 0
const KNOWN_OWNER = 3
const SYSTEM_PROGRAM = 0
/** Assertions on a token account. */
const OWNER = 1
const AMOUNT = 2
const DELEGATE = 3
const CLOSE_AUTHORITY = 7
const NONE = 0

/** True for the two assertions that are used here: the guard can also write accounts of its own. */
export const isAssertion = ({ data }: { data: Buffer }): boolean =>
  data[0] === ACCOUNT_INFO || data[0] === TOKEN_ACCOUNT

/** What has to hold when the transaction ends, or it does not happen. */
export interface Promised {
  /** Least lamports of the wallet. */
  lamports: bigint
  /** Least amount of the token account that is still there at the end. */
  tokens: bigint
  /** Whether nobody could spend from it or close it before: then nobody can afterwards. */
  isFree: boolean
  /** Least amounts of other accounts of ours that the swap goes through. */
  between: ReadonlyMap<string, bigint>
}

/**
 * The last instructions of a transaction: the chain itself holds the exchange’s program to what the
 * simulation promised, whatever it is by then.
 */
export function guardOf(terms: SwapTerms, promised: Promised): SwapInstruction[] {
  const { wallet, side, source, destination } = terms
  const token = side === 'buy' ? destination : source
  return [
    assertion(ACCOUNT_INFO, wallet, [
      [LAMPORTS, ...u64(promised.lamports), AT_LEAST],
      [KNOWN_OWNER, SYSTEM_PROGRAM, EQUAL],
    ]),
    assertion(TOKEN_ACCOUNT, token, [
      [AMOUNT, ...u64(promised.tokens), AT_LEAST],
      [OWNER, ...fromBase58(wallet), EQUAL],
      ...(promised.isFree
        ? [
            [DELEGATE, NONE, EQUAL],
            [CLOSE_AUTHORITY, NONE, EQUAL],
          ]
        : []),
    ]),
    ...[...promised.between].map(([key, amount]) =>
      assertion(TOKEN_ACCOUNT, key, [
        [AMOUNT, ...u64(amount), AT_LEAST],
        [OWNER, ...fromBase58(wallet), EQUAL],
        [DELEGATE, NONE, EQUAL],
      ]),
    ),
  ]
}

/** A list of fewer than 128 assertions has its length in one byte (LEB128). */
const assertion = (
  kind: number,
  pubkey: string,
  assertions: readonly (readonly number[])[],
): SwapInstruction => ({
  programId: GUARD,
  accounts: [{ pubkey, isSigner: false, isWritable: false }],
  data: Buffer.from([kind, SILENT, assertions.length, ...assertions.flat()]).toString('base64'),
})

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value > 0n ? value : 0n)
  return bytes
}
