import type { Rec } from '../records/record.ts'
import type { Exit, Holding } from './book.ts'
import { placedOf } from './place-order.ts'
import { positionLine } from './trade-lines.ts'
import type { Desk } from './trade-plan.ts'

/**
 * Writes a planned order and hands it to the venue: first the line, so that the ledger knows before
 * the venue does.
 */
export function placeLine(desk: Desk, rec: Rec): void {
  desk.write(rec)
  const intent = rec.order === undefined ? undefined : desk.account.intents.get(rec.order.intent)
  if (intent !== undefined) desk.venue.place(placedOf(intent))
}

/** Writes the state of a position, at what it would bring now. */
export function writePosition(desk: Desk, h: Holding, exit: Exit | undefined): void {
  const { view, venue, plan, account } = desk
  const seen = view.get(h.mint)
  const value = h.amount === 0n ? 0n : seen && venue.quote(seen, 'sell', h.amount, h.pool)?.out
  const isSol = (account.currency() ?? 'sol') === 'sol'
  desk.write(positionLine(h, desk.now, { mode: plan.mode, isSol, value, exit }))
}
