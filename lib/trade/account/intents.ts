import type { Order } from '../../records/order.ts'
import type { Rec } from '../../records/record.ts'

/** One intent to trade, from its newest order line (each line tells the whole order). */
export interface Intent {
  key: string
  mint: string
  pool: string | undefined
  ts: number
  /** Number of the newest line: the next is one more. */
  lines: number
  order: Order
  /** What is reserved for it while its outcome is open. */
  reserved: bigint
}

/** States in which the same bytes, or a new try, may still move money. */
const OPEN = new Set<Order['state']>(['planned', 'quoted', 'signed', 'sent', 'unknown'])

/** True while an intent may still move money. */
export const isOpen = (intent: Pick<Intent, 'order'>): boolean => OPEN.has(intent.order.state)

/** Number at the end of an order line's id, `<intent>#<n>`. */
const lineNumber = (id: string): number => Number(id.slice(id.lastIndexOf('#') + 1)) || 0

/**
 * State of every intent, folded from order lines. A line that was taken before changes nothing.
 * Refusals are not kept: nothing was intended. Intents that ended more than a day ago are forgotten
 * (decisions of that age are stale).
 */
export function makeIntents() {
  const known = new Map<string, Intent>()
  const open = new Map<string, Intent>()
  let reserved = 0n
  const reserve = (intent: Intent, amount: bigint): void => {
    reserved += amount - intent.reserved
    intent.reserved = amount
  }
  return {
    get: (key: string): Intent | undefined => known.get(key),
    open: () => open.values(),
    reserved: () => reserved,
    buysInFlight: () => [...open.values()].filter(({ order }) => order.side === 'buy').length,
    openBuyOf: (mint: string) =>
      [...open.values()].find(i => i.mint === mint && i.order.side === 'buy'),
    /** Takes an order line; false when it is not newer than what is known. */
    apply(rec: Rec, order: Order, costs: bigint): boolean {
      const lines = lineNumber(rec.id)
      const old = known.get(order.intent)
      if (order.state === 'refused' || (old !== undefined && old.lines >= lines)) return false
      const { mint = '', pool, ts } = rec
      const intent: Intent = {
        key: order.intent,
        mint,
        pool,
        ts,
        lines,
        order,
        reserved: old?.reserved ?? 0n,
      }
      known.set(intent.key, intent)
      if (isOpen(intent)) {
        open.set(intent.key, intent)
        reserve(intent, costs)
      } else {
        open.delete(intent.key)
        reserve(intent, 0n)
      }
      return true
    },
    forget(before: number): void {
      for (const [key, intent] of known)
        if (intent.ts < before && !isOpen(intent)) known.delete(key)
    },
  }
}
