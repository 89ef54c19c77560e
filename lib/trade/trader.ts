import type { Rec } from '../records/record.ts'
import type { Account } from './account/account.ts'
import type { Holding } from './account/book.ts'
import { followBar } from './bar-exits.ts'
import { buy } from './buying.ts'
import { makeMarks } from './marking.ts'
import { placedOf } from './place-order.ts'
import { obey, rememberPeak, stopByTime, watch } from './selling.ts'
import { finish, settle } from './settling.ts'
import type { Trading } from './trade-plan.ts'
import type { Priced, Seen } from './view.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Before all times. */
const NEVER = Number.NEGATIVE_INFINITY
/** A clock that stands further back than this was set back. */
const SET_MS = 1000

/**
 * The trading half as a fold over lines. For each line, in this order: orders whose outcome is
 * known now, exits of the token that the line is about, time stops, then the decision on the line.
 * Warm lines, and lines older than what the ledger already holds, are history: they teach prices
 * and peaks, and nobody trades on them.
 */
export function makeTrader(trading: Trading) {
  const { account, view } = trading
  const marks = makeMarks(trading)
  let [stopAt, forgetAt, startAt] = [NEVER, NEVER, NEVER]
  // Never before what the ledger holds.
  const setBack = (ts: number): void => {
    if (turnBack(trading, Math.max(ts, startAt))) stopAt = forgetAt = NEVER
  }
  const reach = (at: number): void => {
    if (at > trading.now) trading.now = at
    else if (trading.outside.now !== undefined && at < trading.now - SET_MS) setBack(at)
  }
  return {
    /** Takes up the time where the ledger ends; lines from before are history. */
    begin(now: number): void {
      startAt = begin(trading, now)
    },
    /** Puts orders of an earlier run back where they were, before the first line. */
    restore(): void {
      this.begin(account.now())
      restoreOrders(trading)
    },
    setBack,
    /** The input is over. */
    end: marks.end,
    take(rec: Rec): void {
      if (trading.outside.now !== undefined) marks.before(clockOf(trading))
      else if (rec.warm !== true && rec.ts >= startAt && rec.ts >= trading.now) marks.before(rec.ts)
      reach(trading.outside.now?.() ?? rec.ts)
      const seen = view.learn(rec)
      if (seen?.isPriced === true) seen.heardAt = trading.now
      if (rec.warm === true || rec.ts < startAt) {
        learnPeak(account, rec, seen)
        return
      }
      if (settleAll(trading, rec)) stopAt = NEVER
      const holding = seen === undefined ? undefined : account.book.heldOf(seen.mint)
      if (holding !== undefined && seen !== undefined) follow(trading, holding, rec, seen)
      if (trading.now >= stopAt) stopAt = stopByTime(trading, rec.id)
      if (rec.decision !== undefined && rec.mint !== undefined)
        decide(trading, rec as Rec & { mint: string })
      if (trading.now >= forgetAt) forgetAt = forget(trading)
    },
    /** Looks at the venue and at the clock with no line at hand. */
    look(rec: Rec): void {
      marks.before(clockOf(trading))
      reach(rec.ts)
      if (settleAll(trading, rec)) stopAt = NEVER
      if (trading.now >= stopAt) stopAt = stopByTime(trading, rec.id)
    },
    /**
     * Takes a price that the venue told of a token that is held, and leaves the position if it says
     * so.
     */
    told(mint: string, priced: Priced): void {
      marks.before(clockOf(trading))
      watchQuote(trading, mint, priced)
    },
  }
}

/** The time of a run with its own clock, by which it is marked: lines are older, or stay away. */
const clockOf = ({ now, outside }: Trading): number => Math.max(now, outside.now?.() ?? now)

/** Lets go of intents that ended a day ago; when to look again. */
function forget({ account, now }: Trading): number {
  account.forget(now - DAY_MS)
  return now + HOUR_MS
}

function restoreOrders(trading: Trading): void {
  const { account, venue } = trading
  for (const intent of [...account.intents.open()]) {
    if (account.isFilled(intent.key)) finish(trading, intent, undefined)
    else venue.place(placedOf(intent))
  }
}

/**
 * Where lines begin to be news. A clock that stands before the end of the ledger is believed all
 * the same: what is held must not wait until it has come round.
 */
function begin(trading: Trading, now: number): number {
  const end = trading.account.now()
  trading.now = trading.outside.now === undefined ? Math.max(trading.now, end, now) : now
  if (trading.now < end) trading.account.setBack(trading.now)
  return end > 0 ? Math.min(end, trading.now) : NEVER
}

function learnPeak(account: Account, rec: Rec, seen: Seen | undefined): void {
  const held = seen === undefined ? undefined : account.book.heldOf(seen.mint)
  if (held !== undefined && seen !== undefined) rememberPeak(held, rec, seen)
}

/** First what the way of a bar sets off, then what it says at its end. */
function follow(trading: Trading, holding: Holding, rec: Rec, seen: Seen): void {
  followBar(trading, holding, rec, seen)
  if (holding.amount > 0n) watch(trading, holding, rec, seen)
}

/** False where that is no way back. */
function turnBack(trading: Trading, now: number): boolean {
  const { account, view, venue } = trading
  if (now >= trading.now) return false
  trading.now = now
  account.setBack(now)
  view.setBack(now)
  venue.setBack?.(now)
  return true
}

/** Takes in every outcome that is known now; true when there was one. */
function settleAll(trading: Trading, rec: Rec): boolean {
  const outcomes = trading.venue.settle(rec, trading.view.get, trading.now)
  for (const outcome of outcomes) settle(trading, outcome)
  return outcomes.length > 0
}

function watchQuote(trading: Trading, mint: string, priced: Priced): void {
  const { account, view } = trading
  const holding = account.book.heldOf(mint)
  trading.now = Math.max(trading.now, priced.ts)
  if (holding === undefined) return
  const { ts } = priced
  const rec: Rec = { v: 1, id: `quote:${mint}:${ts}`, ts, kind: 'tick', source: 'execute' }
  watch(trading, holding, rec, view.tell(mint, priced))
}

function decide(trading: Trading, rec: Rec & { mint: string }): void {
  const { decision } = rec
  if (decision === undefined) return
  const held = trading.account.book.heldOf(rec.mint)
  if (held !== undefined) obey(trading, held, decision, rec.id)
  if (decision.act === 'buy') buy(trading, rec, decision)
}
