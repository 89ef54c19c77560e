import type { Line } from '../../stream/line.ts'
import type { Outside } from '../trade-plan.ts'

/** Refusals after which a human should look before it goes on. */
const LIMITS = new Map([
  ['refused-kill-switch', 'the kill switch is set'],
  ['refused-daily-loss', 'the daily loss limit is reached'],
  ['refused-drawdown', 'the drawdown limit is reached'],
])

/**
 * What live trading takes from outside the lines: the wall clock, the kill switch, the room on the
 * disk.
 */
export function makeOutside(
  wallNow: () => number,
  isKilled: () => boolean,
  isDiskFull: () => boolean,
) {
  let newest: number | undefined
  let halted: string | undefined
  const outside: Outside = {
    isKilled,
    now: wallNow,
    // The newest line should be from now; one from the future is as wrong as an old one.
    clockGapMs: () => (newest === undefined ? undefined : Math.abs(wallNow() - newest)),
    noBuys: () => (isDiskFull() ? 'disk-full' : undefined),
  }
  return {
    ...outside,
    /** Lines that have come in. */
    saw(lines: readonly Line[]): void {
      for (const { rec } of lines) if (rec.warm !== true) newest = rec.ts
    },
    counted(what: string): void {
      halted ??= LIMITS.get(what)
    },
    haltedBy: () => halted,
  }
}
