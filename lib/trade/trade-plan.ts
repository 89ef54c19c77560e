import type { Values } from '../base/flags.ts'
import type { Bound } from '../decide/rule-table.ts'
import type { TradeRule } from '../decide/trade-case.ts'
import type { Position } from '../records/position.ts'
import type { Rec } from '../records/record.ts'
import type { Account } from './account/account.ts'
import type { CashShare } from './cash-share.ts'
import type { EXIT_FLAGS, ORDER_FLAGS } from './trade-flags.ts'
import type { SignedSwap, Venue } from './venue.ts'
import type { View } from './view.ts'

type Orders = Values<typeof ORDER_FLAGS>
type Exits = Omit<Values<typeof EXIT_FLAGS>, 'takeProfit' | 'intrabar' | 'detail'>

/** Finer bars of a token, in order of time, that open in [from, until). */
export interface Detail {
  within(mint: string, from: number, until: number): { open: number; high: number; low: number }[]
}

/** How to trade, from the flags. Amounts in lamports (or 1e-9 of the currency). */
export interface TradePlan extends Orders, Exits {
  /** Ascending returns, each with the share of the bought amount to sell there. */
  takeProfit: readonly { at: number; share: number }[]
  /** What of a bar can set an exit off. */
  intrabar: NonNullable<Values<typeof EXIT_FLAGS>['intrabar']>
  rules: readonly Bound<TradeRule>[]
  /** The same where cash is not in SOL; absent where it always is. */
  share?: CashShare
  mode: string
}

/**
 * What is not in the lines. Constant on paper and in a backtest, so that the same input gives the
 * same bytes.
 */
export interface Outside {
  isKilled(): boolean
  clockGapMs(now: number): number | undefined
  /** The clock, where that is the time of trading; absent = the newest line tells the time. */
  now?(): number
  /** Beside a clock: the time of the newest line. */
  lineTs?(): number | undefined
  /** Why nothing may be bought at all now, whatever the rules say. */
  noBuys?(): string | undefined
}

/**
 * What every part of the trading half works with. `write` takes a line into the account and puts it
 * out.
 */
export interface Trading {
  plan: TradePlan
  view: View
  account: Account
  venue: Venue
  outside: Outside
  /** Finer bars to look into bars with; absent unless somebody named them. */
  detail?: Detail | undefined
  /** Newest event time. */
  now: number
  /** Why the buys in flight were decided, by intent. */
  entries: Map<string, NonNullable<Position['entry']>>
  /** `signed` goes into the ledger with the line, and nowhere else. */
  write(rec: Rec, signed?: SignedSwap): void
  count(what: string): void
  /** Puts a figure into the closing summary. */
  note(what: string, value: string): void
}
