import type { Fill } from '../records/fill.ts'
import { isClaim } from '../trade/account/claims.ts'

/** Adds up deposits that were taken back out of token accounts. */
export function makeReclaimed() {
  const value = { accounts: 0, lamports: 0n }
  return {
    /** False for a fill that is none. */
    take(fill: Fill): boolean {
      if (!isClaim(fill)) return false
      value.accounts++
      value.lamports += BigInt(fill.rentReturnedLamports ?? '0')
      return true
    },
    value: () => ({ ...value }),
  }
}
