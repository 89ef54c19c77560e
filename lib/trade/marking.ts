import type { Rec } from '../records/record.ts'
import { costHeld } from './account/book.ts'
import type { Trading } from './trade-plan.ts'

/**
 * What the account is worth: cash, deposits, and positions at what they would bring at the newest
 * state, at their cost where nothing tells a price; less what came to the wallet from outside.
 */
export function worthOf({ account, venue, view }: Pick<Trading, 'account' | 'venue' | 'view'>): {
  equity: bigint
  unpriced: number
} {
  const { book } = account
  let [equity, unpriced] = [book.cash() + book.totals().outside, 0]
  for (const h of book.holdings()) {
    const seen = view.get(h.mint)
    const value = seen && venue.quote(seen, 'sell', h.amount, h.pool)?.out
    if (value === undefined) unpriced++
    equity += h.rent + (value ?? costHeld(h))
  }
  return { equity, unpriced }
}

/**
 * Marks the account to market at the end of each period (UTC, by event time; by the clock of a run
 * that has one), before the first line of the next is looked at, and once more where the input
 * ends. A run that traded nothing, or within one period only, has no mark.
 */
export function makeMarks(trading: Trading) {
  const every = trading.plan.mark
  let [fromAt, hasMarked] = [Number.NaN, false]
  let period = Number.NaN
  const write = (ts: number): void => {
    hasMarked = true
    trading.write(markOf(trading, ts, fromAt))
  }
  return {
    /** A line of this time comes next. */
    before(ts: number): void {
      if (every === 0) return
      const next = Math.floor(ts / every)
      if (Number.isNaN(period)) [period, fromAt] = [next, ts]
      if (next <= period) return
      period = next
      // Before the first fill or fee there is nothing to tell but the cash.
      const { cost, fees } = trading.account.book.totals()
      // A ledger runs forwards: what a run with its own clock wrote since is not overtaken.
      if (cost > 0n || fees > 0n) write(Math.max(next * every, trading.account.now()))
    },
    /** There is no other line: the rest of a period counts as one. */
    end(): void {
      if (hasMarked && trading.now > period * every) write(trading.now)
    },
  }
}

function markOf(trading: Trading, ts: number, fromAt: number): Rec {
  const { book, risk } = trading.account
  const { equity, unpriced } = worthOf(trading)
  return {
    v: 1,
    id: `equity:${ts}`,
    ts,
    kind: 'equity',
    source: 'execute',
    equity: {
      fromAt,
      everyMs: trading.plan.mark,
      startLamports: String(book.start),
      cashLamports: String(book.cash()),
      equityLamports: String(equity),
      realisedLamports: String(risk.equity()),
      unpriced,
    },
  }
}
