import { DataError } from '../../../base/errors.ts'
import { isAddress } from '../../../sources/decode/base58.ts'
import { amountAt, listAt, objectAt } from '../chain/foreign-json.ts'

/** An instruction as the swap API writes it. */
export interface SwapInstruction {
  programId: string
  accounts: readonly { pubkey: string; isSigner: boolean; isWritable: boolean }[]
  /** base64 */
  data: string
}

/** A swap in parts, and the least that comes out of it. */
export interface SwapParts {
  /** Before, the swap, and after it; compute budget left out. */
  instructions: readonly SwapInstruction[]
  lookupTables: readonly string[]
  minOut: bigint
}

const MAX_LIST = 64
/** Places of one instruction; the same account may have several. */
const MAX_PLACES = 255

/** Instructions of a swap as the API tells them. Throws a DataError for anything else. */
export function swapParts(quote: unknown, parts: unknown): SwapParts {
  const { otherAmountThreshold } = objectAt(quote, 'jupiter')
  const found = objectAt(parts, 'jupiter')
  // A list in version 1 of the API; in version 2 the keys of an object, with what they hold.
  const { addressLookupTableAddresses: list, addressesByLookupTableAddress: byName } = found
  const names = list ?? Object.keys(objectAt(byName ?? {}, 'jupiter: tables'))
  const tables = listAt(names, 'jupiter: tables', MAX_LIST)
  if (!tables.every(isAddress)) throw new DataError('jupiter: lookup tables are not addresses')
  const listOf = (name: string): SwapInstruction[] =>
    listAt(found[name] ?? [], `jupiter: ${name}`, MAX_LIST).map(instructionOf)
  const { swapInstruction, cleanupInstruction } = found
  return {
    instructions: [
      ...listOf('otherInstructions'),
      ...listOf('setupInstructions'),
      instructionOf(swapInstruction),
      ...(cleanupInstruction === null || cleanupInstruction === undefined
        ? []
        : [instructionOf(cleanupInstruction)]),
    ],
    lookupTables: tables,
    minOut: amountAt(otherAmountThreshold, 'jupiter: otherAmountThreshold'),
  }
}

function instructionOf(value: unknown): SwapInstruction {
  const { programId, accounts, data } = objectAt(value, 'jupiter: an instruction')
  if (!isAddress(programId) || typeof data !== 'string')
    throw new DataError('jupiter: not an instruction')
  return {
    programId,
    data,
    accounts: listAt(accounts, 'jupiter: accounts', MAX_PLACES).map(each => {
      const { pubkey, isSigner, isWritable } = objectAt(each, 'jupiter: an account')
      if (!isAddress(pubkey)) throw new DataError('jupiter: an account that is no address')
      return { pubkey, isSigner: isSigner === true, isWritable: isWritable === true }
    }),
  }
}
