import type { FeatureSet } from '../../records/features.ts'
import type { Opportunity } from '../../records/opportunity.ts'
import type { Rec } from '../../records/record.ts'
import {
  type FeatureFamily,
  type FeatureOptions,
  hourOfDay,
  isDue,
  known,
  ratioChange,
  type TokenState,
} from '../kit/family.ts'
import { featureSet } from '../kit/feature-set.ts'
import { type History, makeHistory } from '../kit/history.ts'
import type { StateTape } from '../kit/state-tape.ts'

const OPPORTUNITY = featureSet({
  name: 'opportunity',
  kinds: ['opportunity'],
  ready: '60–61 s',
  rows: `
momentum5s@1 | fraction | 5–6 s | market, trade prices
  price now / last price before the whole second that holds the time 5 seconds ago − 1
momentum15s@1 | fraction | 15–16 s | market, trade prices
  the same over 15 seconds
momentum30s@1 | fraction | 30–31 s | market, trade prices
  the same over 30 seconds
momentum1m@1 | fraction | 60–61 s | market, trade prices
  the same over a minute
momentum5m@1 | fraction | 300–301 s | market, trade prices
  the same over 5 minutes
volumeMa@2 | SOL per minute | 300–301 s | trade
  mean value traded per minute over the last 300 whole seconds
volumeRatio@2 | ratio | 300–301 s | trade
  value traded in the last 60 whole seconds / volumeMa
vwapDistance@2 | fraction | 300–301 s | trade
  price / volume-weighted price of the last 300 whole seconds − 1
depthUsd@1 | USD | 1 opportunity | opportunity.depthUsd
  value within one percent of the price
depthRatio@1 | ratio | 2 opportunities | opportunity.depthUsd
  depth / mean depth of up to 20 paths before this one
spread@1 | fraction | 1 opportunity | opportunity.spread
  gross result over what is put in
feeTrend@1 | fraction | 2 opportunities | opportunity.feeLamports
  network fees / their mean over up to 20 paths before this one − 1
volatility@1 | fraction | 60–61 s | market, trade prices
  σ of log returns over 10 seconds within the last 5 minutes, at least 6 of them
legs@1 | count | 1 opportunity | opportunity.path
  swaps of the path
hourSin@1 | −1–1 | 1 opportunity | ts
  sine of the UTC time of day
hourCos@1 | −1–1 | 1 opportunity | ts
  cosine of it`,
})

const SECOND = 1000
const WINDOW = 300
/** Steps of the volatility and the least number of them. */
const STEP = 10
const LEAST_STEPS = 6

interface State {
  price: History
  /** Running totals of traded value in SOL and of whole tokens for it. */
  value: History
  tokens: History
  depths: Recent
  fees: Recent
  lastPrice: number
  valueTotal: number
  tokenTotal: number
}

/**
 * Set `opportunity`: momentum, volume, depth, spread, fees and volatility around an arbitrage path
 * of a token, from its trades, snapshots and earlier paths. Ready with a minute of prices, the last
 * of them within the window. Prices are kept per second of event time.
 */
function makeOpportunity(options: FeatureOptions): TokenState {
  const state = makeState()
  let emittedAt = Number.NEGATIVE_INFINITY
  return {
    see: (rec, entries) => {
      seePrice(state, rec)
      const { opportunity } = rec
      if (rec.kind !== 'opportunity' || opportunity === undefined) return
      if (isDue(rec.ts, emittedAt, options.every)) {
        emittedAt = rec.ts
        if (rec.warm !== true) entries.opportunity = features(state, opportunity, rec.ts)
      }
      if (opportunity.depthUsd !== undefined) state.depths.put(opportunity.depthUsd)
      if (opportunity.feeLamports !== undefined) state.fees.put(Number(opportunity.feeLamports))
    },
    visit: tape => {
      for (const part of [state.price, state.value, state.tokens, state.depths, state.fees])
        part.visit(tape)
      for (const key of ['lastPrice', 'valueTotal', 'tokenTotal'] as const)
        state[key] = tape.number(state[key])
      emittedAt = tape.number(emittedAt)
    },
  }
}

export const opportunityFamily = {
  sets: [OPPORTUNITY],
  make: (options: FeatureOptions) => makeOpportunity(options),
} as const satisfies FeatureFamily

const makeState = (): State => ({
  price: makeHistory(SECOND, WINDOW + 2),
  value: makeHistory(SECOND, WINDOW + 2),
  tokens: makeHistory(SECOND, WINDOW + 2),
  depths: makeRecent(20),
  fees: makeRecent(20),
  lastPrice: Number.NaN,
  valueTotal: 0,
  tokenTotal: 0,
})

function seePrice(state: State, { kind, ts, trade, market }: Rec): void {
  const price =
    kind === 'trade' ? trade?.priceSol : kind === 'market' ? market?.priceSol : undefined
  if (price !== undefined && price > 0) {
    state.lastPrice = price
    state.price.put(ts, price)
  }
  if (kind !== 'trade' || trade?.priceSol === undefined || trade.baseDecimals === undefined) return
  const tokens = Number(trade.baseAmount) / 10 ** trade.baseDecimals
  state.tokenTotal += tokens
  state.valueTotal += tokens * trade.priceSol
  state.tokens.put(ts, state.tokenTotal)
  state.value.put(ts, state.valueTotal)
}

function features(state: State, opportunity: Opportunity, ts: number): FeatureSet {
  const { hash } = OPPORTUNITY
  const reason = unready(state, ts)
  return {
    hash,
    ready: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    values: known({
      ...momenta(state, ts),
      ...flow(state, ts),
      depthUsd: opportunity.depthUsd,
      depthRatio:
        opportunity.depthUsd === undefined ? undefined : opportunity.depthUsd / state.depths.mean(),
      spread: opportunity.spread,
      feeTrend:
        opportunity.feeLamports === undefined
          ? undefined
          : ratioChange(Number(opportunity.feeLamports), state.fees.mean()),
      volatility: volatility(state, ts),
      legs: opportunity.path.length,
      ...hourOfDay(ts),
    }),
  }
}

/** Why nothing should be decided by it; a price that nobody confirmed for long is none of now. */
function unready({ price }: State, ts: number): string | undefined {
  if (price.at(ts - 60 * SECOND) === undefined) return 'needs a minute of prices'
  const silent = ts - price.until()!
  return silent > WINDOW * SECOND ? `no price for more than ${WINDOW} seconds` : undefined
}

type Values = Record<string, number | undefined>

function momenta({ price, lastPrice }: State, ts: number): Values {
  const since = (seconds: number): number | undefined =>
    ratioChange(lastPrice, price.at(ts - seconds * SECOND))
  return {
    momentum5s: since(5),
    momentum15s: since(15),
    momentum30s: since(30),
    momentum1m: since(60),
    momentum5m: since(300),
  }
}

/** What was traded in whole seconds, the running one left out: a steady flow has a ratio of 1. */
function flow({ value, tokens, lastPrice }: State, ts: number): Values {
  const traded = (history: History, seconds: number): number =>
    (history.at(ts) ?? Number.NaN) - (history.at(ts - seconds * SECOND) ?? Number.NaN)
  const [worth, amount] = [traded(value, WINDOW), traded(tokens, WINDOW)]
  if (Number.isNaN(worth) || Number.isNaN(amount)) return {}
  const mean = worth / 5
  return {
    volumeMa: mean,
    volumeRatio: traded(value, 60) / mean,
    vwapDistance: ratioChange(lastPrice, worth / amount),
  }
}

/** Population σ of the log returns per 10 seconds that are known within the window. */
function volatility({ price }: State, ts: number): number | undefined {
  const returns: number[] = []
  for (let ago = 0; ago + STEP <= WINDOW; ago += STEP) {
    const [now, before] = [price.at(ts - ago * SECOND), price.at(ts - (ago + STEP) * SECOND)]
    if (now !== undefined && before !== undefined) returns.push(Math.log(now / before))
  }
  if (returns.length < LEAST_STEPS) return undefined
  const mean = returns.reduce((sum, x) => sum + x, 0) / returns.length
  return Math.sqrt(returns.reduce((sum, x) => sum + (x - mean) ** 2, 0) / returns.length)
}

/** The mean of up to n values seen last; NaN before the first. */
interface Recent {
  put(x: number): void
  mean(): number
  visit(tape: StateTape): void
}

/** Mean of the last n numbers, or of as many as there were. */
function makeRecent(n: number): Recent {
  const ring = new Float64Array(n)
  let count = 0
  return {
    put: x => {
      ring[count++ % n] = x
    },
    mean: () => {
      const size = Math.min(count, n)
      let sum = 0
      for (let i = 0; i < size; i++) sum += ring[i]!
      return sum / size
    },
    visit: tape => {
      tape.floats(ring)
      count = tape.number(count)
    },
  }
}
