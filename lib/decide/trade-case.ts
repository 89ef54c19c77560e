import type { Flags } from '../base/flags.ts'
import type { Decision } from '../records/decision.ts'
import type { Rec } from '../records/record.ts'
import { completed, type Declared, type Rule } from './rule.ts'

/**
 * Everything a rule of execute may look at before a buy. Absent = unknown. Amounts in lamports (or
 * 1e-9 of the currency).
 */
export interface TradeCase {
  /** Time at which it is judged, in ms: newest event time; in live trading the wall clock. */
  ts: number
  /**
   * The line with the decision, with whatever other programs have put on it: an own part is a key
   * of it. Not to be changed.
   */
  line: Readonly<Rec & Record<string, unknown>>
  decision: Readonly<Decision>
  /** Age of the decision in event time. */
  ageMs: number | undefined
  /** Open positions and buys in flight. */
  positions: number
  size: bigint
  /** Size, fees and rent. */
  need: bigint
  /** Cash that no order in flight has a claim on. */
  free: bigint
  spentToday: bigint
  /** Realised today; negative = a loss. */
  earnedToday: bigint
  /** Fall of equity from its peak. */
  drawdown: number
  streak: number
  sinceLossMs: number | undefined
  isKilled: boolean
  /** Rules that gate could not judge. */
  unknown: readonly string[]
  /** The decision was acted on before, or the token is held or being bought. */
  isDuplicate: boolean
  /** Wall clock against the newest event; absent where time comes from the events alone. */
  clockGapMs: number | undefined
}

/** What only rules of execute may say beside the rest. */
interface TradeMore {
  /** Why a human should look before live trading goes on, once it has refused a buy. */
  halt?: string
}

/** A rule of execute. */
export type TradeRule<F extends Flags = Flags> = Rule<TradeCase, F> & TradeMore

/** Declares a rule of execute. */
export const tradeRule = <const F extends Flags = Record<never, never>>(
  declared: Declared<TradeCase, F> & TradeMore,
): TradeRule<F> => completed<TradeCase, F, Declared<TradeCase, F> & TradeMore>(declared)
