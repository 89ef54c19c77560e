import { atMost, PASS, type Rule } from '../rule.ts'
import type { TradeCase } from '../trade-case.ts'

/** When the newest event is not from now, the market on the screen is not the market. Live only. */
export const clock: Rule<TradeCase> = {
  name: 'clock',
  doc: 'wall clock and newest event differ by at most --max-clock-gap (live)',
  unit: 'ms',
  judge: ({ clockGapMs, limits }) =>
    clockGapMs === undefined ? PASS : atMost(clockGapMs, limits.maxClockGapMs),
}
