import { makeRng } from '../../base/rng.ts'

/**
 * What trading on chain costs beside the price, and how often it fails. Paper draws from it; real
 * fills can fit it.
 */
export interface PaperCosts {
  /** Network fee of one signature. */
  feeLamports: bigint
  /** Priority fee where the market tells none, and the most that is paid. */
  priorityFeeLamports: bigint
  maxPriorityFeeLamports: bigint
  /** Deposit for a token account; comes back when the position is closed. */
  rentLamports: bigint
  /** From decision to landing: a fixed part and the mean of an exponential part. */
  latencyMs: number
  jitterMs: number
  /** Share of transactions that land and fail for reasons of their own, and that never land. */
  revertRate: number
  expireRate: number
  /** When a transaction that did not land is dead: 150 blocks. */
  expiryMs: number
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
  seed: string,
  intent: string,
  attempt: number,
  decidedAt: number,
  costs: PaperCosts,
): Fate {
  const rng = makeRng(`${seed}/${intent}/${attempt}`)
  const luck = rng.next()
  const delay = Math.min(
    costs.expiryMs,
    costs.latencyMs + Math.round(rng.exponential(costs.jitterMs)),
  )
  if (luck < costs.expireRate) return { dueAt: decidedAt + costs.expiryMs, kind: 'expire' }
  return {
    dueAt: decidedAt + delay,
    kind: luck < costs.expireRate + costs.revertRate ? 'revert' : 'land',
  }
}
