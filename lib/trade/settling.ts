import type { Holding } from './account/book.ts'
import { type Intent, isOpen } from './account/intents.ts'
import { leave, retry } from './selling.ts'
import { fillLine, nextLine } from './trade-lines.ts'
import type { Trading } from './trade-plan.ts'
import type { Failed, Landed, Moved, Outcome } from './venue.ts'
import { writePosition } from './writing.ts'

/**
 * Writes what has become of an order: fill, order, position, in this order; then whatever has to
 * follow.
 */
export function settle(trading: Trading, outcome: Outcome): void {
  const intent = trading.account.intents.get(outcome.intent)
  // What was found in the wallet has its end; who reports it later has nothing to add.
  if (intent === undefined || !isOpen(intent)) return
  if (outcome.state === 'landed') land(trading, intent, outcome)
  else if ('change' in outcome) move(trading, intent, outcome)
  else fail(trading, intent, outcome)
}

const move = (trading: Trading, intent: Intent, { state, change, signed }: Moved): void =>
  trading.write(nextLine(intent, trading.now, { ...change, state }), signed)

/**
 * The fill goes first: a ledger that ends between the lines then holds money that moved under an
 * intent that is still open, and the restart ends the intent; the other way round the money would
 * be lost.
 */
function land(trading: Trading, intent: Intent, landed: Landed): void {
  const { book } = trading.account
  const { order } = intent
  const before = order.position === undefined ? undefined : book.holding(order.position)
  trading.write(fillLine(intent, trading.now, landed))
  finish(trading, intent, before)
}

/** Ends an intent whose fill is in the book. */
export function finish(trading: Trading, intent: Intent, before: Holding | undefined): void {
  const { order } = intent
  trading.write(nextLine(intent, trading.now, { state: 'landed' }))
  const held =
    order.position === undefined ? undefined : trading.account.book.holding(order.position)
  const h = held ?? before
  if (h === undefined) return
  if (order.side === 'buy') h.entry = trading.entries.get(intent.key) ?? { decision: order.cause }
  trading.entries.delete(intent.key)
  writePosition(trading, h, order.exit)
  const wanted = h.wanted
  h.wanted = undefined
  if (wanted !== undefined && h.amount > 0n) leave(trading, h, wanted, order.cause)
}

function fail(trading: Trading, intent: Intent, { state, reason, fee }: Failed): void {
  const { order } = intent
  trading.count(`${state}-${reason}`)
  trading.write(
    nextLine(intent, trading.now, {
      state,
      reasons: [reason],
      ...(fee > 0n && { feeLamports: String(fee) }),
    }),
  )
  const h = order.position === undefined ? undefined : trading.account.book.holding(order.position)
  const ended = trading.account.intents.get(intent.key)
  if (state === 'unknown') return
  if (order.side === 'buy') trading.entries.delete(intent.key)
  // A claim that came to nothing is no exit.
  else if (h !== undefined && ended !== undefined && order.exit !== undefined)
    retry(trading, h, ended)
}
