import { DataError } from '../../base/errors.ts'

/**
 * A Token-2022 account with extensions is padded to 165 bytes; then its type and the extensions.
 */
export const TYPE_AT = 165
export const IS_MINT = 1
const HEADER = 4
const MAX_EXTENSIONS = 64

/** Extension types of mints by number (spl-token-2022 extension/mod.rs). */
const NAMES: Record<number, string> = {
  1: 'transfer-fee',
  3: 'close-authority',
  4: 'confidential-transfer',
  6: 'default-account-state',
  9: 'non-transferable',
  10: 'interest-bearing',
  12: 'permanent-delegate',
  14: 'transfer-hook',
  16: 'confidential-transfer-fee',
  18: 'metadata-pointer',
  19: 'metadata',
  20: 'group-pointer',
  21: 'group',
  22: 'group-member-pointer',
  23: 'group-member',
  24: 'confidential-mint-burn',
  25: 'scaled-ui-amount',
  26: 'pausable',
  28: 'permissioned-burn',
}

/**
 * An extension of a mint. One that we do not know keeps its number, so that nobody takes it for
 * harmless.
 */
export interface Extension {
  name: string
  bytes: Buffer
}

/**
 * Extensions of a mint, in order. Throws a DataError when one is cut off, or for more than anybody
 * has.
 */
export function extensionsOf(bytes: Buffer): Extension[] {
  const found: Extension[] = []
  for (let at = TYPE_AT + 1; at + HEADER <= bytes.length; ) {
    const type = bytes.readUInt16LE(at)
    if (type === 0) break
    if (found.length === MAX_EXTENSIONS)
      throw new DataError('more extensions than there are', { field: 'Mint' })
    const end = at + HEADER + bytes.readUInt16LE(at + 2)
    if (end > bytes.length) throw new DataError('cut off', { field: `Mint.extension ${type}` })
    found.push({ name: NAMES[type] ?? `unknown-${type}`, bytes: bytes.subarray(at + HEADER, end) })
    at = end
  }
  return found
}
