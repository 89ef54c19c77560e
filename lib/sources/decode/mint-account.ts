import { DataError } from '../../base/errors.ts'
import type { Token } from '../../records/token.ts'
import { type Extension, extensionsOf, IS_MINT, TYPE_AT } from './extensions.ts'
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
/**
 * Facts of a mint account; undefined when the owner is no token program or the account no mint.
 * Throws a DataError for a mint that is cut off or impossible.
 */
export function mintFacts(owner: string, bytes: Buffer): Token | undefined {
  if (owner !== TOKEN && owner !== TOKEN_2022) return undefined
  const isLong = bytes.length > MINT_BYTES
  // A token account of the same program is 165 bytes or says so in its type.
  if (isLong && (owner === TOKEN || bytes[TYPE_AT] !== IS_MINT)) return undefined
  const { mintTag, freezeTag, supply, decimals, isInitialized } = decodeAccount(MINT, bytes)
  if (!isInitialized) return undefined
  if (mintTag > 1 || freezeTag > 1 || decimals > 30)
    throw new DataError(`expected tags of 0 or 1, got ${mintTag} and ${freezeTag}`, {
      field: 'Mint',
    })
  return {
    decimals,
    supplyAmount: String(supply),
    program: owner === TOKEN ? 'token' : 'token-2022',
    mintRevoked: mintTag === 0,
    freezeRevoked: freezeTag === 0,
    ...(isLong ? extended(extensionsOf(bytes)) : {}),
  }
}

/** Names of the extensions, and what the one that takes a fee of transfers takes. */
function extended(found: readonly Extension[]): Pick<Token, 'extensions' | 'transferFeeBps'> {
  const fee = found.find(({ name }) => name === 'transfer-fee')
  const transferFeeBps = fee === undefined ? undefined : transferFee(fee.bytes)
  const extensions = found.map(({ name }) => name)
  return transferFeeBps === undefined ? { extensions } : { extensions, transferFeeBps }
}

/**
 * Places of the fees of this epoch and of the next in TransferFeeConfig (spl-token-2022,
 * extension/transfer_fee/mod.rs): two authorities, what is withheld, then epoch, maximum and bps
 * twice.
 */
const FEES_AT = [88, 106]
const FEE_BYTES = 108

function transferFee(bytes: Buffer): number | undefined {
  if (bytes.length < FEE_BYTES) return undefined
  const fee = Math.max(...FEES_AT.map(at => bytes.readUInt16LE(at)))
  return fee <= 10_000 ? fee : undefined
}
