import { TemporaryError } from '../../../base/errors.ts'
import type { Chain } from '../chain/chain.ts'

const PAGE = 1000
/** More transactions in a day are not those of somebody who trades by hand or by this program. */
const MAX_ROWS = 10_000

/**
 * Signatures of transactions that name a wallet, since a time (seconds) and after the newest known
 * one, newest first. A TemporaryError when there are too many.
 */
export async function signaturesSince(
  chain: Pick<Chain, 'signatures'>,
  wallet: string,
  { midnight, newest }: { midnight: number; newest: string | undefined },
  signal: AbortSignal,
): Promise<string[]> {
  const found: string[] = []
  for (let before: string | undefined; found.length < MAX_ROWS; ) {
    const rows = await chain.signatures(wallet, { before, until: newest, limit: PAGE }, signal)
    const fresh = rows.filter(({ blockTime }) => blockTime >= midnight)
    found.push(...fresh.map(({ signature }) => signature))
    if (fresh.length < PAGE) return found
    before = fresh.at(-1)?.signature
  }
  throw new TemporaryError(`${wallet}: more than ${MAX_ROWS} transactions to look at`)
}
