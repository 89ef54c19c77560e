const DAY_MS = 86_400_000
const dayOf = (ts: number): number => Math.floor(ts / DAY_MS)

/**
 * What the loss limits look at, from fills and closed positions: spent and earned per UTC day of
 * event time, losses in a row, and the peak of the realised equity. All amounts in lamports (or
 * 1e-9 of the currency).
 */
export function makeRisk(start: bigint) {
  let day = Number.NEGATIVE_INFINITY
  let spent = 0n
  let earned = 0n
  let equity = start
  let peak = start
  let streak = 0
  let lostAt: number | undefined
  const turn = (ts: number): void => {
    if (dayOf(ts) <= day) return
    day = dayOf(ts)
    spent = 0n
    earned = 0n
  }
  const earn = (ts: number, profit: bigint): void => {
    turn(ts)
    earned += profit
    equity += profit
    if (equity > peak) peak = equity
  }
  return {
    spentToday: (now: number): bigint => (dayOf(now) === day ? spent : 0n),
    earnedToday: (now: number): bigint => (dayOf(now) === day ? earned : 0n),
    /** Realised equity and its highest value so far. */
    equity: () => equity,
    peak: () => peak,
    /** Losses since the last win, and when the last one was. */
    streak: () => streak,
    lostAt: () => lostAt,
    spend(ts: number, amount: bigint): void {
      turn(ts)
      spent += amount
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
