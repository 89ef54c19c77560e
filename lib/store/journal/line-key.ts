import type { Rec } from '../../records/record.ts'

/** What makes a line unique in a journal: its id, and for labels the horizon too. */
export const keyOf = (rec: Rec): string =>
  rec.label === undefined ? rec.id : `${rec.id} ${rec.label.horizon}`

const PLAIN_HEAD = /^\{"v":1,"id":"([\x21\x23-\x5b\x5d-\x7e]{1,400})","ts":(\d{1,16})[,}]/

/**
 * Id and time of a line from its text, without parsing it where our own key order makes that safe.
 */
export function headOfText(raw: string): { id: string; ts: number } {
  const found = PLAIN_HEAD.exec(raw)
  return found === null ? (JSON.parse(raw) as Rec) : { id: found[1]!, ts: Number(found[2]) }
}

/**
 * What a line of a later journal goes back to: an order to the decision with that id, any other to
 * itself.
 */
export function originOfText(raw: string): string {
  const cause = raw.includes('"order"') ? (JSON.parse(raw) as Rec).order?.cause : undefined
  return cause ?? originOf(headOfText(raw))
}

/**
 * The name of a line among origins. Its time belongs to it: a damaged id may be that of another
 * line.
 */
export const originOf = ({ id, ts }: { id: string; ts: number }): string => `${id} ${ts}`
