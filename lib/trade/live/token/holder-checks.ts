import type { Holding } from '../../../market/top-share.ts'
import { topShare } from '../../../market/top-share.ts'
import { keyText } from '../../../sources/decode/base58.ts'
import {
  BURNED,
  dexOf,
  LOCK_AUTHORITY,
  VAULT_AUTHORITIES,
} from '../../../sources/decode/programs.ts'
import type { TokenAsker } from './token-asker.ts'
import { judged, type TokenCheck, unknownCheck } from './token-check.ts'

/** SPL token account (spl-token state.rs). */
const OWNER_AT = 32
const STATE_AT = 108
const ACCOUNT_BYTES = 165
const FROZEN = 2

/** A token account of somebody who is not the market. */
export interface Holder extends Holding {
  address: string
  isFrozen: boolean
}

/**
 * Largest holders of a mint without pools, curves, lockers and the burn address: accounts that a
 * program of a market owns are that market’s. Throws when one of them cannot be read: it may be the
 * pool’s.
 */
export async function holdersOf(
  asker: TokenAsker,
  mint: string,
  pool: string | undefined,
): Promise<Holder[]> {
  const largest = await asker.largest(mint)
  if (largest.length === 0) throw new Error('the node names no holders')
  const accounts = await asker.accounts(largest.map(({ address }) => address))
  const holders = largest.map(({ address, amount }, i): Holder => {
    const bytes = accounts[i]?.bytes
    if (bytes === undefined || bytes.length < ACCOUNT_BYTES)
      throw new Error(`holder ${address} cannot be read`)
    return {
      address,
      amount,
      owner: keyText(bytes, OWNER_AT),
      isFrozen: bytes[STATE_AT] === FROZEN,
    }
  })
  const owners = [...new Set(holders.map(({ owner }) => owner))]
  const ownerAccounts = await asker.accounts(owners)
  const markets = new Set(
    owners.filter((_, i) => dexOf(ownerAccounts[i]?.owner ?? '') !== undefined),
  )
  const isMarket = (owner: string): boolean =>
    owner === pool ||
    owner === BURNED ||
    owner === LOCK_AUTHORITY ||
    VAULT_AUTHORITIES.has(owner) ||
    markets.has(owner)
  return holders.filter(({ owner }) => !isMarket(owner))
}

/** Share of the supply that ten owners could sell at once. */
export function topHoldersCheck(
  holders: readonly Holder[],
  supply: bigint,
  most: number,
): TokenCheck {
  if (supply === 0n) return unknownCheck('top-holders', 'the mint has no supply')
  const share = topShare(holders, supply)
  return judged('top-holders', share <= most, `${share} with the ten largest, at most ${most}`)
}
