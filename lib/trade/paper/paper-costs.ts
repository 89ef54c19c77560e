import type { Values } from '../../base/flags.ts'
import { makeRng } from '../../base/rng.ts'
import type { COST_FLAGS } from './cost-flags.ts'

/** What paper draws from, by flag. Durations in ms, amounts in lamports. */
export type PaperCosts = Values<typeof COST_FLAGS>

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
