import { keyText } from '../../../sources/decode/base58.ts'
import { decodePool } from '../../../sources/decode/decode.ts'
import { mintFacts } from '../../../sources/decode/mint-account.ts'
import { dexOf, LOCK_AUTHORITY } from '../../../sources/decode/programs.ts'
import type { TokenAsker } from './token-asker.ts'
import { failedCheck, judged, passed, type TokenCheck, unknownCheck } from './token-check.ts'

const OWNER_AT = 32
const ACCOUNT_BYTES = 165

/**
 * Share of the liquidity that nobody can take out. The pool counts the liquidity tokens it has
 * given out; what is missing from their mint was burned, and what the lock program holds is locked.
 * Defined for pools with such tokens only: concentrated liquidity is in positions, so there it is
 * unknown.
 */
export async function lpCheck(
  asker: TokenAsker,
  mint: string,
  pool: string | undefined,
  least: number,
): Promise<TokenCheck> {
  if (pool === undefined) return unknownCheck('lp-burned', 'the pool is not known')
  const [account] = await asker.accounts([pool])
  if (account === undefined) return unknownCheck('lp-burned', 'the pool has no account')
  const dex = dexOf(account.owner)
  const facts = decodePool(account.owner, account.bytes)
  // The account of a curve does not name its mint.
  if (dex === 'pump.fun' && facts?.isOpen === true)
    return passed('lp-burned', 'bonding curve: there is no liquidity to take out')
  if (facts?.lpMint === undefined || facts.lpSupply === undefined)
    return unknownCheck('lp-burned', `not defined for this account of ${dex ?? account.owner}`)
  if (facts.baseMint !== mint && facts.quoteMint !== mint)
    return failedCheck('lp-burned', 'the pool is of another token')
  const supply = await supplyOf(asker, facts.lpMint)
  if (supply === undefined) return unknownCheck('lp-burned', 'no mint of liquidity tokens')
  const issued = facts.lpSupply
  if (issued === 0n) return unknownCheck('lp-burned', 'the pool counts no liquidity tokens')
  const locked = dex === 'raydium-cpmm' && supply > 0n ? await lockedOf(asker, facts.lpMint) : 0n
  const free = supply > locked ? supply - locked : 0n
  const share = free >= issued ? 0 : Number(((issued - free) * 1_000_000n) / issued) / 1e6
  return judged('lp-burned', share >= least, `${share} burned or locked, at least ${least}`)
}

async function supplyOf(asker: TokenAsker, mint: string): Promise<bigint | undefined> {
  const [account] = await asker.accounts([mint])
  // Everything burned and the mint closed leaves no account.
  if (account === undefined) return undefined
  const supply = mintFacts(account.owner, account.bytes)?.supplyAmount
  return supply === undefined ? undefined : BigInt(supply)
}

async function lockedOf(asker: TokenAsker, mint: string): Promise<bigint> {
  const largest = await asker.largest(mint)
  const accounts = await asker.accounts(largest.map(({ address }) => address))
  return largest.reduce((sum, { amount }, i) => {
    const bytes = accounts[i]?.bytes
    const isLocked =
      bytes !== undefined &&
      bytes.length >= ACCOUNT_BYTES &&
      keyText(bytes, OWNER_AT) === LOCK_AUTHORITY
    return isLocked ? sum + amount : sum
  }, 0n)
}
