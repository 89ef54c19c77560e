import type { Fill } from '../../records/fill.ts'
import type { Order } from '../../records/order.ts'
import type { Rec } from '../../records/record.ts'

/**
 * Paper’s word for a transaction that never landed; live ones were signed or sent before they
 * expired.
 */
const DROPPED = 'dropped'

/** One try of one intent, as its last line tells it, and what it moved. */
export interface Attempt {
  /** Intent and number of the try. */
  key: string
  wasSent: boolean
  order: Order
  ts: number
  mint: string | undefined
  pool: string | undefined
  fill?: Fill
}

/** Folds order and fill lines, in any order of intents, into tries; refusals are none. */
export function makeAttempts() {
  const attempts = new Map<string, Attempt>()
  /** The newest try of an intent: its fill names no number. */
  const newest = new Map<string, Attempt>()
  return {
    take({ order, fill, ts, mint, pool }: Rec): void {
      if (order !== undefined && order.state !== 'refused') {
        const key = `${order.intent}/${order.attempt ?? 1}`
        const known = attempts.get(key)
        const wasSent =
          order.state === 'signed' || order.state === 'sent' || known?.wasSent === true
        const made = { ...known, key, wasSent, order, ts, mint, pool: pool ?? known?.pool }
        attempts.set(key, made)
        newest.set(order.intent, made)
      }
      const filled = fill === undefined ? undefined : newest.get(fill.intent)
      if (filled !== undefined && fill !== undefined) filled.fill ??= fill
    },
    value: (): Attempt[] => [...attempts.values()],
  }
}

/** It is known how it ended. An expiry that nothing was sent for says nothing about the network. */
export const hasEnded = ({ order: { state, reasons }, wasSent }: Attempt): boolean =>
  state === 'landed' ||
  state === 'reverted' ||
  (state === 'expired' && (wasSent || reasons.includes(DROPPED)))
