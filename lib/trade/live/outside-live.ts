import type { Bound } from '../../decide/rule-table.ts'
import type { TradeRule } from '../../decide/trade-case.ts'
import type { Time } from '../../sources/net/budget.ts'
import type { SteadyTime } from '../../sources/net/steady-time.ts'
import type { Line } from '../../stream/line.ts'
import type { Outside } from '../trade-plan.ts'

/**
 * What live trading takes from outside the lines: the clock, the kill switch, and why nothing may
 * be bought now. `haltedBy` tells the first refusal of a rule after which a human should look
 * before it goes on. `follow` is told of the time of each line.
 */
export function makeOutside(
  rules: readonly Bound<TradeRule>[],
  { now, follow }: Pick<Time, 'now'> & Partial<Pick<SteadyTime, 'follow'>>,
  isKilled: () => boolean,
  noBuys: () => string | undefined,
) {
  let newest: number | undefined
  let halted: string | undefined
  const halts = new Map(rules.map(({ rule }) => [`refused-${rule.reason}`, rule.halt]))
  const outside: Outside = {
    isKilled,
    now,
    lineTs: () => newest,
    // The newest line should be from now; one from the future is as wrong as an old one.
    clockGapMs: () => (newest === undefined ? undefined : Math.abs(now() - newest)),
    noBuys,
  }
  return {
    ...outside,
    /** Lines that have come in. */
    saw(lines: readonly Line[]): void {
      for (const { rec } of lines) if (rec.warm !== true) newest = rec.ts
      if (newest !== undefined) follow?.(newest)
    },
    counted(what: string): void {
      halted ??= halts.get(what)
    },
    haltedBy: () => halted,
  }
}
