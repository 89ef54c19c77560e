import type { Values } from '../../base/flags.ts'
import { makeRng } from '../../base/rng.ts'
import { least } from '../../market/ratio.ts'
import { type ChainProfile, lifetimeMs, RELEASE_CHAIN, readChain } from '../chain-profile.ts'
import type { Costs } from '../venue.ts'
import type { COST_FLAGS } from './cost-flags.ts'

/** What somebody said of costs, by flag. Durations in ms, amounts in lamports. */
type CostFlags = Values<typeof COST_FLAGS>

/** Fees of a transaction, in what cash is in. */
export type ChainFees = Pick<
  CostFlags,
  'networkFee' | 'priorityFee' | 'maxPriorityFee' | 'relayTip'
>

/** What paper draws from: the flags, with the chain in the place of its file and what follows. */
export type PaperCosts = Omit<CostFlags, 'chain' | 'expiry' | 'rent'> & {
  chain: ChainProfile
  expiry: number
  rent: bigint
  /** The fees where cash is not in SOL, and what a fee told in lamports is there. */
  elsewhere: ChainFees & { fit(lamports: bigint): bigint }
}

/**
 * The costs by flags; what they leave open is as on their chain. UsageError for a bad profile. Fees
 * are the same in every currency unless `elsewhere` says otherwise.
 */
export function paperCosts(
  flags: CostFlags,
  elsewhere: PaperCosts['elsewhere'] = { ...flags, fit: lamports => lamports },
): PaperCosts {
  const chain = flags.chain === undefined ? RELEASE_CHAIN : readChain(flags.chain)
  const { expiry = lifetimeMs(chain), rent = chain.tokenAccountRent } = flags
  return { ...flags, chain, expiry, rent, elsewhere }
}

/** What an order costs beside its input: the market’s own priority fee where a line told it. */
export function feesFor(
  costs: PaperCosts,
  side: 'buy' | 'sell',
  currency: string,
  market: bigint | undefined,
): Required<Costs> {
  const isSol = currency === 'sol'
  const { networkFee, priorityFee, maxPriorityFee, relayTip } = isSol ? costs : costs.elsewhere
  const asked = market === undefined ? priorityFee : isSol ? market : costs.elsewhere.fit(market)
  return {
    fee: networkFee,
    priorityFee: least(asked, maxPriorityFee),
    tip: relayTip,
    rent: isSol && side === 'buy' ? costs.rent : 0n,
  }
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
