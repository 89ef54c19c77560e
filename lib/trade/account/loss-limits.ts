import { least, most } from '../../market/ratio.ts'

const DAY_MS = 86_400_000
/** Days that are remembered: a day that comes again has spent what it had spent. */
const MAX_DAYS = 64
const dayOf = (ts: number): number => Math.floor(ts / DAY_MS)

/**
 * What the loss limits look at, from fills and closed positions: spent and earned per UTC day of
 * event time, losses in a row, and the peak of the realised equity. All amounts in lamports (or
 * 1e-9 of the currency).
 */
export function makeRisk(start: bigint) {
  const days = new Map<number, { spent: bigint; earned: bigint }>()
  let equity = start
  let peak = start
  let streak = 0
  let lostAt: number | undefined
  const on = (ts: number): { spent: bigint; earned: bigint } => {
    const found = days.get(dayOf(ts)) ?? { spent: 0n, earned: 0n }
    days.set(dayOf(ts), found)
    if (days.size > MAX_DAYS) days.delete(days.keys().next().value!)
    return found
  }
  const earn = (ts: number, profit: bigint): void => {
    on(ts).earned += profit
    equity += profit
    if (equity > peak) peak = equity
  }
  return {
    /**
     * Spent, and earned, on the day of a time. Where clocks do not agree on the day, the day on
     * which more was spent, and less earned, counts: a limit is never opened again by a clock.
     */
    spentToday: (...times: readonly number[]): bigint =>
      times.map(ts => days.get(dayOf(ts))?.spent ?? 0n).reduce(most, 0n),
    earnedToday: (...times: readonly number[]): bigint => {
      const [first = 0n, ...rest] = times.map(ts => days.get(dayOf(ts))?.earned ?? 0n)
      return rest.reduce(least, first)
    },
    /** Realised equity and its highest value so far. */
    equity: () => equity,
    peak: () => peak,
    /** Losses since the last win, and when the last one was. */
    streak: () => streak,
    lostAt: () => lostAt,
    spend(ts: number, amount: bigint): void {
      on(ts).spent += amount
    },
    /** Time is `now` again: a loss cannot have been later. */
    setBack(now: number): void {
      if (lostAt !== undefined && lostAt > now) lostAt = now
    },
    /** A fee for nothing. */
    waste: (ts: number, fee: bigint): void => earn(ts, -fee),
    close(ts: number, profit: bigint): void {
      earn(ts, profit)
      streak = profit < 0n ? streak + 1 : 0
      if (profit < 0n) lostAt = ts
    },
  }
}
