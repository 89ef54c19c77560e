import type { Rec } from '../../records/record.ts'
import { makeHistory } from '../kit/history.ts'
import type { StateTape } from '../kit/state-tape.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Trades of a token summed over the last minutes, hours and day; absent until seen for as long. */
export interface Flow {
  see(rec: Rec): void
  /**
   * Traded value of the stretch of `ms` that ended `ago` before `ts`; in USD, or base units of the
   * quote. Both ends are those of whole minutes (up to two hours back; of quarters of an hour
   * beyond), so that stretches one after the other are equally long: a steady flow does not change.
   */
  volume(ts: number, ms: number, ago?: number): number | undefined
  /** Share of buys among the trades of the last hour. */
  buyShare(ts: number): number | undefined
  visit(tape: StateTape): void
}

/** A token of which no trade has been seen. */
export function makeFlow(): Flow {
  // Running totals: minutes reach back two hours, quarters of an hour two days.
  const byMinute = makeHistory(MINUTE, 122)
  const byQuarter = makeHistory(15 * MINUTE, 194)
  const buysByMinute = makeHistory(MINUTE, 62)
  const tradesByMinute = makeHistory(MINUTE, 62)
  let total = 0
  let buys = 0
  let trades = 0
  /** 1: USD, 2: base units of the quote. Kept from the first trade, so that units never mix. */
  let unit = 0

  const worth = (trade: NonNullable<Rec['trade']>): number => {
    if (unit === 0) unit = trade.volumeUsd === undefined ? 2 : 1
    return unit === 1 ? (trade.volumeUsd ?? 0) : Number(trade.quoteAmount)
  }
  return {
    see: rec => {
      const { trade, ts } = rec
      if (rec.kind !== 'trade' || trade === undefined) return
      total += worth(trade)
      trades++
      if (trade.side === 'buy') buys++
      byMinute.put(ts, total)
      byQuarter.put(ts, total)
      buysByMinute.put(ts, buys)
      tradesByMinute.put(ts, trades)
    },
    volume: (ts, ms, ago = 0) => {
      const history = ms <= HOUR ? byMinute : byQuarter
      const upTo = history.at(ts - ago)
      const before = history.at(ts - ago - ms)
      return trades === 0 || upTo === undefined || before === undefined ? undefined : upTo - before
    },
    buyShare: ts => {
      const before = tradesByMinute.at(ts - HOUR)
      const share = (buys - (buysByMinute.at(ts - HOUR) ?? 0)) / (trades - (before ?? 0))
      return before === undefined || !Number.isFinite(share) ? undefined : share
    },
    visit: tape => {
      for (const history of [byMinute, byQuarter, buysByMinute, tradesByMinute]) history.visit(tape)
      total = tape.number(total)
      buys = tape.number(buys)
      trades = tape.number(trades)
      unit = tape.number(unit)
    },
  }
}
