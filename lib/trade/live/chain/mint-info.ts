import { DataError } from '../../../base/errors.ts'
import { mintFacts } from '../../../sources/decode/mint-account.ts'
import type { Chain } from './chain.ts'

/** What trading a mint needs to know of it. */
interface MintInfo {
  program: string
  decimals: number
}

/**
 * Remembers which program and how many decimals a mint has: neither ever changes. A DataError for
 * what is no mint.
 */
export function makeMints(chain: Pick<Chain, 'accounts'>) {
  const known = new Map<string, MintInfo>()
  return async (mint: string, signal: AbortSignal): Promise<MintInfo> => {
    const found = known.get(mint)
    if (found !== undefined) return found
    const [account] = await chain.accounts([mint], signal)
    const facts = account === undefined ? undefined : mintFacts(account.owner, account.bytes)
    if (account === undefined || facts?.decimals === undefined)
      throw new DataError(`${mint} is no mint`)
    const info = { program: account.owner, decimals: facts.decimals }
    known.set(mint, info)
    return info
  }
}
export type Mints = ReturnType<typeof makeMints>
