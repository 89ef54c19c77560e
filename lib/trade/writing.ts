import type { Rec } from '../records/record.ts'
import type { Exit, Holding } from './account/book.ts'
import { placedOf } from './place-order.ts'
import { positionLine } from './trade-lines.ts'
import type { Trading } from './trade-plan.ts'

/**
 * Writes a planned order and hands it to the venue: first the line, so that the ledger knows before
 * the venue does.
 */
export function placeLine(trading: Trading, rec: Rec): void {
  trading.write(rec)
  const intent = rec.order === undefined ? undefined : trading.account.intents.get(rec.order.intent)
  if (intent !== undefined) trading.venue.place(placedOf(intent))
}

/** Writes the state of a position, at what it would bring now. */
export function writePosition(trading: Trading, h: Holding, exit: Exit | undefined): void {
  const { view, venue, plan, account } = trading
  const seen = view.get(h.mint)
  const value = h.amount === 0n ? 0n : seen && venue.quote(seen, 'sell', h.amount, h.pool)?.out
  const isSol = (account.currency() ?? 'sol') === 'sol'
  trading.write(positionLine(h, trading.now, { mode: plan.mode, isSol, value, exit }))
}
