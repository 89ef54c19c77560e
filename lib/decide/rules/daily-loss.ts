import { holds, type Rule } from '../rule.ts'
import type { TradeCase } from '../trade-case.ts'

/** A bad day ends by itself. */
export const dailyLoss: Rule<TradeCase> = {
  name: 'daily-loss',
  doc: 'realised loss since midnight UTC is below --max-daily-loss',
  unit: 'boolean',
  judge: ({ earnedToday, limits }) => holds(-earnedToday < limits.maxDailyLoss),
}
