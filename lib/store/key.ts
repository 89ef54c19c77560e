import type { Rec } from '../records/record.ts'

/** What makes a line unique in a journal: its id, and for labels the horizon too. */
export const keyOf = (rec: Rec): string => (rec.label === undefined ? rec.id : `${rec.id} ${rec.label.horizon}`)

const PLAIN_ID = /^\{"v":1,"id":"([\x21\x23-\x5b\x5d-\x7e]{1,400})"/

/** The same from the text of a line, without parsing it where our own key order makes that safe. */
export function keyOfText(raw: string): string {
  const found = raw.includes('"label"') ? null : PLAIN_ID.exec(raw)
  return found === null ? keyOf(JSON.parse(raw) as Rec) : (found[1] as string)
}

/** The line that a line of a later journal goes back to: an order to the decision it came from, any other to itself. */
export const originOf = (rec: Rec): string => rec.order?.cause ?? rec.id

/** The same from the text of a line. */
export function originOfText(raw: string): string {
  const found = raw.includes('"order"') ? null : PLAIN_ID.exec(raw)
  if (found !== null) return found[1] as string
  return originOf(JSON.parse(raw) as Rec)
}
