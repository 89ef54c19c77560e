import type { Rec } from '../../records/record.ts'
import { ratioChange } from '../kit/family.ts'
import { makeHistory } from '../kit/history.ts'
import type { Tape } from '../kit/state-tape.ts'
import type { Facts } from '../kit/token-facts.ts'

const MINUTE = 60_000
const QUARTER = 15 * MINUTE
const SPANS = { m5: 5 * MINUTE, h1: 60 * MINUTE, h24: 24 * 60 * MINUTE } as const
type Span = keyof typeof SPANS

/**
 * How price, reported volume, liquidity and holders of a token moved; absent until seen for as
 * long.
 */
export interface Trends {
  see(rec: Rec, facts: Facts): void
  hasPrice(): boolean
  /** As reported, else from the prices seen. */
  priceChange(ts: number, span: Span, facts: Facts): number | undefined
  /** Reported volume of a span against the one reported a span earlier. */
  volumeChange(ts: number, span: Span): number | undefined
  /** Against an hour ago. */
  liquidityTrend(ts: number, facts: Facts): number | undefined
  holderTrend(ts: number, facts: Facts): number | undefined
  visit(tape: Tape): void
}

export function makeTrends(): Trends {
  const priceByMinute = makeHistory(MINUTE, 62)
  const priceByQuarter = makeHistory(QUARTER, 98)
  const liquidity = makeHistory(MINUTE, 62)
  const holders = makeHistory(MINUTE, 62)
  const volumes = {
    m5: makeHistory(MINUTE, 7),
    h1: makeHistory(MINUTE, 62),
    h24: makeHistory(QUARTER, 98),
  }
  const histories = [
    priceByMinute,
    priceByQuarter,
    liquidity,
    holders,
    volumes.m5,
    volumes.h1,
    volumes.h24,
  ]
  const latest: Record<Span, number> = { m5: Number.NaN, h1: Number.NaN, h24: Number.NaN }
  let price = Number.NaN
  /** 1: SOL, 2: USD. Kept from the first price. */
  let unit = 0
  let pool: string | undefined

  const seePrice = (ts: number, sol: number | undefined, usd: number | undefined): void => {
    if (unit === 0) unit = sol !== undefined ? 1 : usd !== undefined ? 2 : 0
    const x = unit === 1 ? sol : usd
    if (x === undefined) return
    price = x
    priceByMinute.put(ts, x)
    priceByQuarter.put(ts, x)
  }
  const seeMarket = (ts: number, facts: Facts): void => {
    const { market } = facts
    if (facts.pool !== pool)
      for (const history of [liquidity, ...Object.values(volumes)]) history.clear()
    pool = facts.pool
    if (market?.liquidityUsd !== undefined) liquidity.put(ts, market.liquidityUsd)
    for (const span of Object.keys(SPANS) as Span[]) {
      const volume = market?.volumeUsd?.[span]
      latest[span] = volume ?? Number.NaN
      if (volume !== undefined) volumes[span].put(ts, volume)
    }
  }
  return {
    see: (rec, facts) => {
      const { kind, ts, trade, market, token } = rec
      if (kind === 'token' && token?.holderCount !== undefined) holders.put(ts, token.holderCount)
      if (kind === 'trade' && trade !== undefined) seePrice(ts, trade.priceSol, undefined)
      if (kind !== 'market' || market === undefined || rec.pool !== facts.pool) return
      seePrice(ts, market.priceSol, market.priceUsd)
      seeMarket(ts, facts)
    },
    hasPrice: () => unit !== 0,
    priceChange: (ts, span, facts) =>
      facts.market?.priceChange?.[span] ??
      ratioChange(price, (span === 'h24' ? priceByQuarter : priceByMinute).at(ts - SPANS[span])),
    volumeChange: (ts, span) => ratioChange(latest[span], volumes[span].at(ts - SPANS[span])),
    liquidityTrend: (ts, facts) =>
      ratioChange(facts.market?.liquidityUsd, liquidity.at(ts - SPANS.h1)),
    holderTrend: (ts, facts) => ratioChange(facts.token?.holderCount, holders.at(ts - SPANS.h1)),
    visit: tape => {
      for (const history of histories) history.visit(tape)
      for (const span of Object.keys(SPANS) as Span[]) latest[span] = tape.number(latest[span])
      price = tape.number(price)
      unit = tape.number(unit)
      pool = tape.text(pool)
    },
  }
}
