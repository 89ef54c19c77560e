import { isTraded } from '../../market/candle-fill.ts'
import type { Rec } from '../../records/record.ts'
import { quoteOf } from '../quote.ts'
import type { Outcome, Venue } from '../venue.ts'
import { reservesFor, type Seen } from '../view.ts'
import { fateOf, feesFor, type PaperCosts } from './paper-costs.ts'
import { barOutcome, failed, patience, poolOutcome, type Waiting, waitsFrom } from './paper-fill.ts'

const NOTHING: Outcome[] = []
const FREE = { fee: 0n, priorityFee: 0n, rent: 0n }

/**
 * Fills orders as the chain would. With reserves: the constant-product formula against the first
 * reserves of the pool that are told at or after decision + latency. Without: the open of the first
 * candle with trades that starts at or after the decision; pool fee, impact and slippage are taken
 * from cash. A fill below the least amount accepted reverts and costs its fees.
 */
export function makePaper(costs: PaperCosts): Venue {
  const waiting = new Map<string, Waiting>()
  /** Nothing can happen to an order before this time unless a line of its own token is seen. */
  let wakeAt = Number.POSITIVE_INFINITY
  const isWaitedFor = (mint: string | undefined): boolean => {
    for (const order of waiting.values()) if (order.mint === mint) return true
    return false
  }
  return {
    name: 'paper',
    quote: quoteOf,
    costs: (seen, side, currency) => feesFor(costs, side, currency, seen.priorityFee),
    place(order) {
      waiting.set(order.intent, {
        ...order,
        fate: fateOf(order.intent, order.attempt, order.decidedAt, costs),
      })
      wakeAt = Number.NEGATIVE_INFINITY
    },
    settle(rec, seenOf, now) {
      if (waiting.size === 0 || (now < wakeAt && !isWaitedFor(rec.mint))) return NOTHING
      const done: Outcome[] = []
      wakeAt = Number.POSITIVE_INFINITY
      for (const order of waiting.values()) {
        const outcome = look(order, rec, seenOf(order.mint), now, costs)
        if (typeof outcome === 'number') wakeAt = Math.min(wakeAt, outcome)
        else done.push(outcome)
      }
      for (const { intent } of done) waiting.delete(intent)
      return done
    },
    settleInBar(intent, at, seen, now) {
      const order = waiting.get(intent)
      waiting.delete(intent)
      return order && barOutcome(order, at, seen, now, costs)
    },
    pending: () => waiting.size,
    setBack(now) {
      wakeAt = Number.NEGATIVE_INFINITY
      for (const [intent, order] of waiting) {
        if (order.decidedAt <= now) continue
        const fate = fateOf(intent, order.attempt, now, costs)
        waiting.set(intent, { ...order, decidedAt: now, fate })
      }
    },
  }
}

/**
 * Outcome of an order now that a line has been seen, or the time from which another look is worth
 * it.
 */
function look(
  order: Waiting,
  rec: Rec,
  seen: Seen | undefined,
  now: number,
  costs: PaperCosts,
): Outcome | number {
  const { fate, decidedAt } = order
  const reserves = seen === undefined ? undefined : reservesFor(seen, order.pool)
  if (seen !== undefined && reserves !== undefined) {
    const standsAt = fate.dueAt + (fate.kind === 'land' ? costs.poolQuiet : 0)
    const isFresh = reserves.id === rec.id && rec.ts >= fate.dueAt
    return isFresh || now >= standsAt ? poolOutcome(order, reserves, now, costs) : standsAt
  }
  const bar = rec.mint === order.mint ? rec.candle : undefined
  // Told that nobody traded, an order waits for the bar in which somebody does.
  if (bar !== undefined && !isTraded(bar)) order.quietTo = bar.openAt + bar.intervalMs
  else if (seen !== undefined && bar !== undefined && bar.openAt >= decidedAt)
    return barOutcome(order, { bar, price: bar.open }, seen, now, costs)
  const last = seen?.candle
  const deadAt =
    waitsFrom(order) + (last === undefined ? costs.expiry : patience(last, costs) + last.intervalMs)
  return now > deadAt ? failed(order, 'expired', 'no-price', FREE) : deadAt
}
