/**
 * Limits of the rules that need the book; one flag each. Amounts in lamports (or 1e-9 of the
 * currency).
 */
export interface TradeLimits {
  maxPositions: number
  maxPerTrade: bigint
  maxPerDay: bigint
  maxDailyLoss: bigint
  maxDrawdown: number
  maxStreak: number
  streakPauseMs: number
  maxAgeMs: number
  maxClockGapMs: number
  strictUnknown: boolean
}

/** Everything a rule of execute may look at before a buy. Absent = unknown. */
export interface TradeCase {
  limits: TradeLimits
  /** Age of the decision in event time. */
  ageMs: number | undefined
  /** Open positions and buys in flight. */
  positions: number
  size: bigint
  /** Size, fees, rent and the reserve that is kept for exits. */
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
