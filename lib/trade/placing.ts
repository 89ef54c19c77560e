import type { Rec } from '../records/record.ts'
import type { Desk } from './desk.ts'
import { placedOf } from './order.ts'

/** Writes a planned order and hands it to the venue: first the line, so that the ledger knows before the venue does. */
export function placeLine(desk: Desk, rec: Rec): void {
  desk.write(rec)
  const intent = rec.order === undefined ? undefined : desk.account.intents.get(rec.order.intent)
  if (intent !== undefined) desk.venue.place(placedOf(intent))
}
