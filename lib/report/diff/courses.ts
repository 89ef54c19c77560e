import { besideOf, type Fill } from '../../records/fill.ts'
import type { Order } from '../../records/order.ts'
import type { Rec } from '../../records/record.ts'

/** An order as it ended, and what it moved. */
export interface Leg {
  order: Order
  fill?: { ts: number; fill: Fill }
}

/** All that came of one decision. */
export interface Course {
  mint: string | undefined
  /** What gate said, where the lines tell it. */
  decision?: NonNullable<Rec['decision']>
  buy?: Leg
  /** Sales of the position that it opened, in order. */
  sells: Leg[]
  /** The line asked for a sale of something held. */
  hasSold: boolean
}

/** Cash that a fill cost beside its price: fees of the transaction, over candles all costs. */
export const costOf = (fill: Fill): bigint =>
  besideOf(fill) +
  BigInt(fill.feeLamports) +
  BigInt(fill.priorityFeeLamports) +
  BigInt(fill.tipLamports ?? '0')

/** Takes in lines of execute, or of a ledger, and tells what came of each decision, by its id. */
export function makeCourses() {
  const courses = new Map<string, Course>()
  const legs = new Map<string, Leg>()
  /** Decision that opened a position. */
  const openers = new Map<string, string>()
  const courseOf = (id: string, mint: string | undefined): Course => {
    const known = courses.get(id)
    if (known !== undefined) return known
    const made: Course = { mint, sells: [], hasSold: false }
    courses.set(id, made)
    return made
  }
  const takeOrder = (order: Order, mint: string | undefined): void => {
    const key = order.state === 'refused' ? `refused:${order.intent}` : order.intent
    const leg = legs.get(key)
    if (leg !== undefined) {
      leg.order = order
      return
    }
    const made: Leg = { order }
    legs.set(key, made)
    if (order.side === 'buy') {
      const course = courseOf(order.cause, mint)
      // What was placed counts, whatever was refused beside it.
      if (course.buy === undefined || order.state !== 'refused') course.buy = made
      if (order.position !== undefined) openers.set(order.position, order.cause)
      return
    }
    courseOf(order.cause, mint).hasSold = true
    const { position } = order
    const opener = position === undefined ? order.cause : (openers.get(position) ?? position)
    courseOf(opener, mint).sells.push(made)
  }
  return {
    take({ id, ts, mint, decision, order, fill }: Rec): void {
      if (decision !== undefined) courseOf(id, mint).decision = decision
      if (order !== undefined) takeOrder(order, mint)
      const leg = fill === undefined ? undefined : legs.get(fill.intent)
      if (fill !== undefined && leg !== undefined) leg.fill ??= { ts, fill }
    },
    value: (): ReadonlyMap<string, Course> => courses,
  }
}
