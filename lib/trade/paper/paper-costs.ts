import type { Values } from '../../base/flags.ts'
import { makeRng } from '../../base/rng.ts'
import { type ChainProfile, lifetimeMs, RELEASE_CHAIN, readChain } from '../chain-profile.ts'
import type { COST_FLAGS } from './cost-flags.ts'

/** What somebody said of costs, by flag. Durations in ms, amounts in lamports. */
type CostFlags = Values<typeof COST_FLAGS>

/** What paper draws from: the flags, with the chain in the place of its file and what follows. */
export type PaperCosts = Omit<CostFlags, 'chain' | 'expiry' | 'rent'> & {
  chain: ChainProfile
  expiry: number
  rent: bigint
}

/** The costs by flags; what they leave open is as on their chain. UsageError for a bad profile. */
export function paperCosts(flags: CostFlags): PaperCosts {
  const chain = flags.chain === undefined ? RELEASE_CHAIN : readChain(flags.chain)
  const { expiry = lifetimeMs(chain), rent = chain.tokenAccountRent } = flags
  return { ...flags, chain, expiry, rent }
}

/** How one try of one intent will go. */
export interface Fate {
  dueAt: number
  kind: 'land' | 'revert' | 'expire'
}

/**
 * Draws the fate of a try. Depends on seed, intent and attempt alone: other orders, chunks and
 * restarts do not shift it. The exponential part is cut at the expiry, where a transaction would be
 * dead.
 */
export function fateOf(
  intent: string,
  attempt: number,
  decidedAt: number,
  costs: PaperCosts,
): Fate {
  const rng = makeRng(`${costs.seed}/${intent}/${attempt}`)
  const luck = rng.next()
  const delay = Math.min(costs.expiry, costs.latency + Math.round(rng.exponential(costs.jitter)))
  if (luck < costs.expireRate) return { dueAt: decidedAt + costs.expiry, kind: 'expire' }
  return {
    dueAt: decidedAt + delay,
    kind: luck < costs.expireRate + costs.revertRate ? 'revert' : 'land',
  }
}
