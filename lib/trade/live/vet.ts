import type { Placed } from '../venue.ts'
import type { TokenChecks } from './live-settings.ts'
import { checkToken } from './token/check-token.ts'
import type { TokenAsker } from './token/token-asker.ts'

/** Reasons against buying a token, by the chain; none = it may be bought. */
export type Vet = (
  order: Placed,
  decimals: number | undefined,
  signal: AbortSignal,
) => Promise<string[]>

/**
 * A verdict stands for so long: tries of one order ask once, and a token that has changed is looked
 * at again.
 */
const STANDS_MS = 10_000
const MAX_KEPT = 1000

/**
 * Looks at each token before it is bought, as `checkToken` does; what could not be looked at counts
 * like what is wrong. Checks named in `without` are left out: their owner has to know why.
 */
export function makeVet(
  askerFor: (order: Placed, signal: AbortSignal) => TokenAsker,
  wallet: string,
  { without, ...limits }: TokenChecks,
  now: () => number,
): Vet {
  const passedAt = new Map<string, number>()
  return async (order, decimals, signal) => {
    const { mint, pool, inAmount: lamports } = order
    if (now() - (passedAt.get(mint) ?? Number.NEGATIVE_INFINITY) < STANDS_MS) return []
    const { checks } = await checkToken(askerFor(order, signal), {
      mint,
      pool,
      decimals,
      wallet,
      lamports,
      limits,
    })
    const against = checks.filter(
      ({ check, result }) => result !== 'pass' && !without.includes(check),
    )
    if (passedAt.size >= MAX_KEPT) passedAt.clear()
    if (against.length === 0) passedAt.set(mint, now())
    return against.map(({ check, result, reason }) => `${check} ${result}: ${reason}`)
  }
}
