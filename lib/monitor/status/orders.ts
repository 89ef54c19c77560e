import type { Order } from '../../records/order.ts'
import { lastLines } from '../../store/journal/tail.ts'
import { ageText, type Item } from './item.ts'
import { ledgersIn } from './money.ts'

const DAY_MS = 86_400_000
/** Said of an order whose transaction did not land by the word of one node alone. */
const ONE_WITNESS = 'one-witness'

interface Seen {
  mint: string
  ts: number
  order: Order
}

/**
 * Orders whose outcome nobody can tell, and those that one node alone said to be dead in the last
 * day: they were tried again on its word.
 */
export const orderItems = (home: string, now: number): Item[] =>
  ledgersIn(home).flatMap(path => {
    const seen = lastOrders(path)
    const unknown = seen.filter(({ order }) => order.state === 'unknown')
    const believed = seen.filter(
      ({ order, ts }) =>
        order.state === 'expired' && order.reasons.includes(ONE_WITNESS) && ts > now - DAY_MS,
    )
    return [
      ...unknown.map(each => unknownItem(each, now)),
      ...believed.map(each => believedItem(each, now)),
    ]
  })

/** The newest line of each order, in the order of their last lines. */
function lastOrders(path: string): Seen[] {
  const last = new Map<string, Seen>()
  for (const [raw] of lastLines(path, Number.MAX_SAFE_INTEGER)) {
    if (!raw.includes('"order":{')) continue
    const { mint, ts, order } = JSON.parse(raw) as Partial<Seen>
    if (order === undefined) continue
    const key = `${order.intent}#${order.attempt ?? 1}`
    last.delete(key)
    last.set(key, { mint: mint ?? '', ts: ts ?? 0, order })
  }
  return [...last.values()]
}

function unknownItem({ mint, ts, order }: Seen, now: number): Item {
  const why = order.reasons.includes(ONE_WITNESS)
    ? 'one node says that it did not land, and only a second one would prove it (live.witness)'
    : 'no node proves that it landed or did not'
  const text = `${order.side} unknown for ${ageText(now - ts)}: ${why}`
  return { what: 'order', name: mint, level: 'error', text, ...facts({ ts, order }, now) }
}

function believedItem({ mint, ts, order }: Seen, now: number): Item {
  const text =
    `${order.side} given up ${ageText(now - ts)} ago on the word of one node (${ONE_WITNESS}); ` +
    'a second one would prove it (live.witness)'
  return { what: 'order', name: mint, level: 'warn', text, ...facts({ ts, order }, now) }
}

const facts = ({ ts, order }: Omit<Seen, 'mint'>, now: number) => ({
  side: order.side,
  state: order.state,
  reason: order.reasons.join(' '),
  ageMs: now - ts,
})
