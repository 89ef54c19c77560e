import type { Rec } from '../../records/record.ts'
import { ratioChange } from '../kit/family.ts'
import { makeHistory } from '../kit/history.ts'
import type { StateTape } from '../kit/state-tape.ts'
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
  visit(tape: StateTape): void
}

type History = ReturnType<typeof makeHistory>

interface State {
  priceByMinute: History
  priceByQuarter: History
  liquidity: History
  holders: History
  volumes: Record<Span, History>
  /** Volume of each span as reported last. */
  latest: Record<Span, number>
  price: number
  /** 1: SOL, 2: USD. Kept from the first price. */
  unit: number
  pool: string | undefined
}

/** A token of which nothing has been seen. */
export function makeTrends(): Trends {
  const state: State = {
    priceByMinute: makeHistory(MINUTE, 62),
    priceByQuarter: makeHistory(QUARTER, 98),
    liquidity: makeHistory(MINUTE, 62),
    holders: makeHistory(MINUTE, 62),
    volumes: {
      m5: makeHistory(MINUTE, 7),
      h1: makeHistory(MINUTE, 62),
      h24: makeHistory(QUARTER, 98),
    },
    latest: { m5: Number.NaN, h1: Number.NaN, h24: Number.NaN },
    price: Number.NaN,
    unit: 0,
    pool: undefined,
  }
  const { priceByMinute, priceByQuarter, liquidity, holders, volumes, latest } = state
  return {
    see: (rec, facts) => {
      const { kind, ts, trade, market, token } = rec
      if (kind === 'token' && token?.holderCount !== undefined) holders.put(ts, token.holderCount)
      if (kind === 'trade' && trade !== undefined) seePrice(state, ts, trade.priceSol, undefined)
      if (kind !== 'market' || market === undefined || rec.pool !== facts.pool) return
      seePrice(state, ts, market.priceSol, market.priceUsd)
      seeMarket(state, ts, facts)
    },
    hasPrice: () => state.unit !== 0,
    priceChange: (ts, span, facts) => {
      const prices = span === 'h24' ? priceByQuarter : priceByMinute
      const reported = facts.market?.priceChange?.[span]
      return reported ?? ratioChange(state.price, prices.at(ts - SPANS[span]))
    },
    volumeChange: (ts, span) => ratioChange(latest[span], volumes[span].at(ts - SPANS[span])),
    liquidityTrend: (ts, facts) =>
      ratioChange(facts.market?.liquidityUsd, liquidity.at(ts - SPANS.h1)),
    holderTrend: (ts, facts) => ratioChange(facts.token?.holderCount, holders.at(ts - SPANS.h1)),
    visit: tape => visit(state, tape),
  }
}

function seePrice(
  state: State,
  ts: number,
  sol: number | undefined,
  usd: number | undefined,
): void {
  if (state.unit === 0) state.unit = sol !== undefined ? 1 : usd !== undefined ? 2 : 0
  const x = state.unit === 1 ? sol : usd
  if (x === undefined) return
  state.price = x
  state.priceByMinute.put(ts, x)
  state.priceByQuarter.put(ts, x)
}

function seeMarket(state: State, ts: number, facts: Facts): void {
  const { liquidity, volumes, latest } = state
  const { market } = facts
  if (facts.pool !== state.pool)
    for (const history of [liquidity, ...Object.values(volumes)]) history.clear()
  state.pool = facts.pool
  if (market?.liquidityUsd !== undefined) liquidity.put(ts, market.liquidityUsd)
  for (const span of Object.keys(SPANS) as Span[]) {
    const volume = market?.volumeUsd?.[span]
    latest[span] = volume ?? Number.NaN
    if (volume !== undefined) volumes[span].put(ts, volume)
  }
}

function visit(state: State, tape: StateTape): void {
  const { priceByMinute, priceByQuarter, liquidity, holders, volumes, latest } = state
  for (const history of [priceByMinute, priceByQuarter, liquidity, holders]) history.visit(tape)
  for (const history of [volumes.m5, volumes.h1, volumes.h24]) history.visit(tape)
  for (const span of Object.keys(SPANS) as Span[]) latest[span] = tape.number(latest[span])
  state.price = tape.number(state.price)
  state.unit = tape.number(state.unit)
  state.pool = tape.text(state.pool)
}
