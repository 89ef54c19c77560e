import { DataError } from '../../errors.ts'
import type { Token } from '../../records/token.ts'
import { account, decodeAccount } from './layout.ts'
import { TOKEN, TOKEN_2022 } from './programs.ts'

/** SPL mint (spl-token state.rs): COption is a u32 tag before its value. */
const MINT = account('Mint', [
  ['mintTag', 0, 'u32'],
  ['supply', 36, 'u64'],
  ['decimals', 44, 'u8'],
  ['isInitialized', 45, 'bool'],
  ['freezeTag', 46, 'u32'],
])
const MINT_BYTES = 82
/** A Token-2022 account with extensions is padded to 165 bytes; then its type and the extensions. */
const TYPE_AT = 165
const IS_MINT = 1

/** Extension types by number (spl-token-2022 extension/mod.rs). */
const EXTENSIONS: Record<number, string> = {
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
  25: 'scaled-ui-amount',
  26: 'pausable',
  28: 'permissioned-burn',
}

/**
 * Facts of a mint account; undefined when the owner is no token program or the account no mint. Throws a DataError for a
 * mint that is cut off or impossible.
 */
export function mintFacts(owner: string, bytes: Buffer): Token | undefined {
  if (owner !== TOKEN && owner !== TOKEN_2022) return undefined
  const isLong = bytes.length > MINT_BYTES
  // A token account of the same program is 165 bytes or says so in its type.
  if (isLong && (owner === TOKEN || bytes[TYPE_AT] !== IS_MINT)) return undefined
  const { mintTag, freezeTag, supply, decimals, isInitialized } = decodeAccount(MINT, bytes)
  if (!isInitialized) return undefined
  if (mintTag > 1 || freezeTag > 1 || decimals > 30)
    throw new DataError(`expected tags of 0 or 1, got ${mintTag} and ${freezeTag}`, { field: 'Mint' })
  return {
    ...{ decimals, supplyAmount: String(supply), program: owner === TOKEN ? 'token' : 'token-2022' },
    ...{ mintRevoked: mintTag === 0, freezeRevoked: freezeTag === 0 },
    ...(isLong ? { extensions: extensionsOf(bytes) } : {}),
  }
}

/** Names of the extensions; one that we do not know keeps its number, so that nobody takes it for harmless. */
function extensionsOf(bytes: Buffer): string[] {
  const names: string[] = []
  for (let at = TYPE_AT + 1; at + 4 <= bytes.length && names.length < 64; ) {
    const type = bytes.readUInt16LE(at)
    if (type === 0) break
    names.push(EXTENSIONS[type] ?? `unknown-${type}`)
    at += 4 + bytes.readUInt16LE(at + 2)
  }
  return names
}
