import type { Rec } from '../records/record.ts'
import { buy } from './buying.ts'
import { placedOf } from './place-order.ts'
import { obey, rememberPeak, stopByTime, watch } from './selling.ts'
import { finish, settle } from './settling.ts'
import type { Desk } from './trade-plan.ts'
import type { Priced } from './view.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/**
 * The trading half as a fold over lines. For each line, in this order: orders whose outcome is
 * known now, exits of the token that the line is about, time stops, then the decision on the line.
 * Warm lines, and lines older than what the ledger already holds, are history: they teach prices
 * and peaks, and nobody trades on them.
 */
export function makeTrader(desk: Desk) {
  const { account, venue, view } = desk
  let stopAt = Number.NEGATIVE_INFINITY
  let forgetAt = Number.NEGATIVE_INFINITY
  let startAt = Number.NEGATIVE_INFINITY
  return {
    /** Takes up the time where the ledger ends; lines from before are history. */
    begin(now: number): void {
      desk.now = Math.max(desk.now, account.now(), now)
      if (account.now() > 0) startAt = account.now()
    },
    /** Puts orders of an earlier run back where they were, before the first line. */
    restore(): void {
      this.begin(account.now())
      for (const intent of [...account.intents.open()]) {
        if (account.isFilled(intent.key)) finish(desk, intent, undefined)
        else venue.place(placedOf(intent))
      }
    },
    take(rec: Rec): void {
      const at = desk.outside.now?.() ?? rec.ts
      if (at > desk.now) desk.now = at
      const seen = view.learn(rec)
      if (seen?.isPriced === true) seen.heardAt = desk.now
      if (rec.warm === true || rec.ts < startAt) {
        const held = seen === undefined ? undefined : account.book.heldOf(seen.mint)
        if (held !== undefined && seen !== undefined) rememberPeak(held, rec, seen)
        return
      }
      if (settleAll(desk, rec)) stopAt = Number.NEGATIVE_INFINITY
      const holding = seen === undefined ? undefined : account.book.heldOf(seen.mint)
      if (holding !== undefined && seen !== undefined) watch(desk, holding, rec, seen)
      if (desk.now >= stopAt) stopAt = stopByTime(desk, rec.id)
      if (rec.decision !== undefined && rec.mint !== undefined)
        decide(desk, rec as Rec & { mint: string })
      if (desk.now >= forgetAt) {
        forgetAt = desk.now + HOUR_MS
        account.forget(desk.now - DAY_MS)
      }
    },
    /** Looks at the venue and at the clock with no line at hand. */
    look(rec: Rec): void {
      desk.now = Math.max(desk.now, rec.ts)
      if (settleAll(desk, rec)) stopAt = Number.NEGATIVE_INFINITY
      if (desk.now >= stopAt) stopAt = stopByTime(desk, rec.id)
    },
    /**
     * Takes a price that the venue told of a token that is held, and leaves the position if it says
     * so.
     */
    told(mint: string, priced: Priced): void {
      watchQuote(desk, mint, priced)
    },
  }
}

/** Takes in every outcome that is known now; true when there was one. */
function settleAll(desk: Desk, rec: Rec): boolean {
  const outcomes = desk.venue.settle(rec, desk.view.get, desk.now)
  for (const outcome of outcomes) settle(desk, outcome)
  return outcomes.length > 0
}

function watchQuote(desk: Desk, mint: string, priced: Priced): void {
  const { account, view } = desk
  const holding = account.book.heldOf(mint)
  desk.now = Math.max(desk.now, priced.ts)
  if (holding === undefined) return
  const { ts } = priced
  const rec: Rec = { v: 1, id: `quote:${mint}:${ts}`, ts, kind: 'tick', source: 'execute' }
  watch(desk, holding, rec, view.tell(mint, priced))
}

function decide(desk: Desk, rec: Rec & { mint: string }): void {
  const { decision } = rec
  if (decision === undefined) return
  const held = desk.account.book.heldOf(rec.mint)
  if (held !== undefined) obey(desk, held, decision, rec.id)
  if (decision.act === 'buy') buy(desk, rec, decision)
}
