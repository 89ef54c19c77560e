import type { Holding } from './book.ts'
import type { Intent } from './intents.ts'
import { leave, retry } from './selling.ts'
import { fillLine, nextLine } from './trade-lines.ts'
import type { Desk } from './trade-plan.ts'
import type { Failed, Landed, Moved, Outcome } from './venue.ts'
import { writePosition } from './writing.ts'

/**
 * Writes what has become of an order: fill, order, position, in this order; then whatever has to
 * follow.
 */
export function settle(desk: Desk, outcome: Outcome): void {
  const intent = desk.account.intents.get(outcome.intent)
  if (intent === undefined) return
  if (outcome.state === 'landed') land(desk, intent, outcome)
  else if ('change' in outcome) move(desk, intent, outcome)
  else fail(desk, intent, outcome)
}

const move = (desk: Desk, intent: Intent, { state, change, signed }: Moved): void =>
  desk.write(nextLine(intent, desk.now, { ...change, state }), signed)

/**
 * The fill goes first: a ledger that ends between the lines then holds money that moved under an
 * intent that is still open, and the restart ends the intent; the other way round the money would
 * be lost.
 */
function land(desk: Desk, intent: Intent, landed: Landed): void {
  const { book } = desk.account
  const { order } = intent
  const before = order.position === undefined ? undefined : book.holding(order.position)
  desk.write(fillLine(intent, desk.now, landed))
  finish(desk, intent, before)
}

/** Ends an intent whose fill is in the book. */
export function finish(desk: Desk, intent: Intent, before: Holding | undefined): void {
  const { order } = intent
  desk.write(nextLine(intent, desk.now, { state: 'landed' }))
  const held = order.position === undefined ? undefined : desk.account.book.holding(order.position)
  const h = held ?? before
  if (h === undefined) return
  if (order.side === 'buy') h.entry = desk.entries.get(intent.key) ?? { decision: order.cause }
  desk.entries.delete(intent.key)
  writePosition(desk, h, order.exit)
  const wanted = h.wanted
  h.wanted = undefined
  if (wanted !== undefined && h.amount > 0n) leave(desk, h, wanted, order.cause)
}

function fail(desk: Desk, intent: Intent, { state, reason, fee }: Failed): void {
  const { order } = intent
  desk.count(`${state}-${reason}`)
  desk.write(
    nextLine(intent, desk.now, {
      state,
      reasons: [reason],
      ...(fee > 0n && { feeLamports: String(fee) }),
    }),
  )
  const h = order.position === undefined ? undefined : desk.account.book.holding(order.position)
  const ended = desk.account.intents.get(intent.key)
  if (state === 'unknown') return
  if (order.side === 'buy') desk.entries.delete(intent.key)
  else if (h !== undefined && ended !== undefined) retry(desk, h, ended)
}
