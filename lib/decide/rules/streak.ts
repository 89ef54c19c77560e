import { atMost, PASS, type Rule } from '../rule.ts'
import type { TradeCase } from '../trade-case.ts'

/** Losses in a row say that the market is not the one the model learned; a pause lets it pass. */
export const streak: Rule<TradeCase> = {
  name: 'streak',
  doc: 'fewer than --max-streak losses in a row, or --streak-pause has passed since the last one',
  unit: 'count',
  judge: ({ streak, sinceLossMs, limits }) =>
    sinceLossMs !== undefined && sinceLossMs >= limits.streakPauseMs
      ? PASS
      : atMost(streak, limits.maxStreak - 1),
}
