import type { Order } from '../../records/order.ts'
import type { Rec } from '../../records/record.ts'
import { hasEnded, makeAttempts } from './attempts.ts'
import type { PaperCosts } from './paper-costs.ts'

/** What of the costs of paper trades can tell. */
export type FittedCosts = Partial<
  Pick<
    PaperCosts,
    | 'latency'
    | 'jitter'
    | 'revertRate'
    | 'expireRate'
    | 'networkFee'
    | 'priorityFee'
    | 'slippageBps'
  >
>

/** What could be fitted, and what keeps its value because too few trades say anything about it. */
interface CostsFit {
  fitted: FittedCosts
  /** By flag: how many rows there were. */
  short: Partial<Record<keyof FittedCosts, number>>
}

/** With fewer rows the 95 % interval of a rate of 3 % would reach from nothing to 15 %. */
export const LEAST_ROWS = 30
/**
 * Reasons of our own for a transaction that fails: the model gets them from prices, not from luck.
 */
const OF_PRICE = new Set(['slippage', 'no-liquidity'])
/**
 * Fits the costs of paper trading to real order and fill lines, in any order, each attempt counted
 * once by its last line.
 * - Delay from decision to landing is a fixed part plus an exponential one. Minimum-variance
 *   unbiased estimates of the
 *   two-parameter exponential (Johnson, Kotz, Balakrishnan, Continuous Univariate Distributions 1,
 *   ch. 19):
 *   jitter = n (mean − min) / (n − 1), latency = min − jitter / n, not below 0.
 * - expireRate, revertRate: shares of the attempts that were sent; a revert because of the price is
 *   not luck.
 * - networkFee, priorityFee, slippageBps: medians over fills; of the gap between quote and fill not
 *   below 0.
 */
export function makeCostsFit() {
  const attempts = makeAttempts()
  const fees: bigint[] = []
  const priorityFees: bigint[] = []
  const gaps: number[] = []
  return {
    take(rec: Rec): void {
      const { fill } = rec
      attempts.take(rec)
      if (fill === undefined) return
      fees.push(BigInt(fill.feeLamports))
      priorityFees.push(BigInt(fill.priorityFeeLamports))
      if (fill.gapBps !== undefined) gaps.push(fill.gapBps)
    },
    value(): CostsFit {
      const ended = attempts.value().filter(hasEnded)
      const landed = ended.filter(
        ({ order }) => order.state === 'landed' && order.decidedAt !== undefined,
      )
      const delays = landed.map(({ order, ts }) => ts - order.decidedAt!)
      const share = (state: Order['state']): number =>
        ended.filter(
          ({ order }) => order.state === state && !order.reasons.some(why => OF_PRICE.has(why)),
        ).length / ended.length
      const fit: CostsFit = { fitted: {}, short: {} }
      put(fit, delays.length, ['latency', 'jitter'], () => delayOf(delays))
      put(fit, ended.length, ['revertRate', 'expireRate'], () => ({
        revertRate: share('reverted'),
        expireRate: share('expired'),
      }))
      put(fit, fees.length, ['networkFee', 'priorityFee'], () => ({
        networkFee: medianOf(fees),
        priorityFee: medianOf(priorityFees),
      }))
      put(fit, gaps.length, ['slippageBps'], () => ({ slippageBps: Math.max(0, medianOf(gaps)) }))
      return fit
    },
  }
}

function put(
  fit: CostsFit,
  rows: number,
  names: (keyof FittedCosts)[],
  values: () => FittedCosts,
): void {
  if (rows >= LEAST_ROWS) Object.assign(fit.fitted, values())
  else for (const name of names) fit.short[name] = rows
}

function delayOf(delays: readonly number[]): Required<Pick<FittedCosts, 'latency' | 'jitter'>> {
  const n = delays.length
  const least = delays.reduce((min, each) => Math.min(min, each))
  const mean = delays.reduce((sum, each) => sum + each, 0) / n
  const jitter = (n * (mean - least)) / (n - 1)
  return { latency: Math.max(0, Math.round(least - jitter / n)), jitter: Math.round(jitter) }
}

/** The middle one; of an even number the lower of the two. */
function medianOf<T extends number | bigint>(values: readonly T[]): T {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted[(sorted.length - 1) >> 1]!
}
