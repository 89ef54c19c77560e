import { type Reserves, reservesOf } from '../market/reserves.ts'
import type { FeatureSet, Features } from '../records/features.ts'
import type { Market } from '../records/market.ts'
import { isPath } from '../records/opportunity.ts'
import type { Rec } from '../records/record.ts'
import type { Token } from '../records/token.ts'
import type { PastBuy } from './past-buys.ts'
import type { Remembered } from './roles.ts'

/** The newest that is known of one token. */
export interface Facts {
  /** Last line of the token. */
  ts: number
  token: Token | undefined
  market: Market | undefined
  reserves: Reserves | undefined
  priceSol: number | undefined
  priceTs: number | undefined
  regime: string | undefined
  /**
   * Market-wide: share of pools being dumped, `unknown` while the set `regime` is not ready; absent
   * where nobody computes it.
   */
  rugShare: number | 'unknown' | undefined
  quality: number | undefined
  /** Newest features by set, and when they were told. */
  features: Map<string, { ts: number; set: FeatureSet }>
  /** Newest prediction per model, without those that had no number. */
  models: Map<string, Remembered>
  /** Own last buy decision, and those that profit is looked for in. */
  boughtTs: number | undefined
  buys: PastBuy[]
}

const blank = (ts: number): Facts => ({
  ts,
  token: undefined,
  market: undefined,
  reserves: undefined,
  priceSol: undefined,
  priceTs: undefined,
  regime: undefined,
  rugShare: undefined,
  quality: undefined,
  features: new Map(),
  models: new Map(),
  boughtTs: undefined,
  buys: [],
})

/** Forgets tokens that were quiet for longer than this (event time). */
const QUIET_MS = 24 * 3_600_000
const SWEEP_MS = 3_600_000
/** What was told of all pools says so much of the market and no more. */
const REGIME_MS = 3_600_000

/**
 * Memory per mint. `update(rec)` takes a line in and returns what is known of its mint (undefined
 * for lines without one). Tokens quiet for a day are forgotten; beyond `maxTokens` the one seen
 * first goes, reported to `onEvict`.
 */
export function makeFacts(maxTokens: number, onEvict: () => void) {
  const known = new Map<string, Facts>()
  let sweepAt = Number.NEGATIVE_INFINITY
  let rugShare: Facts['rugShare']
  let rugShareAt = Number.NEGATIVE_INFINITY
  const forget = (mint: string): void => {
    known.delete(mint)
    onEvict()
  }
  const sweep = (now: number): void => {
    sweepAt = now + SWEEP_MS
    for (const [mint, facts] of known) if (now - facts.ts > QUIET_MS) forget(mint)
  }
  return {
    update(rec: Rec): Facts | undefined {
      if (rec.ts >= sweepAt) sweep(rec.ts)
      const regime = rec.features?.regime
      if (regime !== undefined) {
        rugShare = regime.ready ? (regime.values?.rugDumpShare ?? 'unknown') : 'unknown'
        rugShareAt = rec.ts
      }
      if (rec.mint === undefined) return undefined
      let facts = known.get(rec.mint)
      if (facts === undefined) {
        if (known.size >= maxTokens) forget(known.keys().next().value!)
        known.set(rec.mint, (facts = blank(rec.ts)))
      }
      learn(facts, rec)
      const isOld = rugShare !== undefined && Math.abs(rec.ts - rugShareAt) > REGIME_MS
      facts.rugShare = isOld ? 'unknown' : rugShare
      return facts
    },
    /** Time is `now` again: what was told later was of a clock that was wrong. */
    setBack(now: number): void {
      sweepAt = Number.NEGATIVE_INFINITY
      for (const facts of known.values()) if (facts.ts > now) setBack(facts, now)
    },
    size: () => known.size,
  }
}

/** Own buys stay, as of now, so that a cooldown neither ends early nor lasts for ever. */
function setBack(facts: Facts, now: number): void {
  const { token, boughtTs, buys } = facts
  const before = boughtTs === undefined ? undefined : Math.min(boughtTs, now)
  const kept = buys.map(buy => ({ ...buy, ts: Math.min(buy.ts, now) }))
  Object.assign(facts, blank(now), { token, boughtTs: before, buys: kept })
}

function learn(facts: Facts, rec: Rec): void {
  if (rec.ts > facts.ts) facts.ts = rec.ts
  if (rec.candle !== undefined)
    learnPrice(facts, rec.ts, rec.candle.currency === 'sol' ? rec.candle.close : undefined)
  if (rec.market !== undefined) learnMarket(facts, rec, rec.market)
  if (rec.trade !== undefined) {
    learnPrice(facts, rec.ts, rec.trade.priceSol)
    facts.reserves = reservesOf(rec, facts.reserves?.feeBps) ?? facts.reserves
  }
  if (rec.token !== undefined)
    facts.token = facts.token === undefined ? rec.token : { ...facts.token, ...rec.token }
  if (rec.quality !== undefined) facts.quality = rec.quality.score
  // What a model says of a path is not about the token that it begins with.
  if (rec.prediction !== undefined && !isPath(rec)) learnPredictions(facts, rec)
  if (rec.features !== undefined) learnFeatures(facts.features, rec.ts, rec.features)
  const regime = rec.features?.pool?.regime
  if (regime !== undefined) facts.regime = regime
}

function learnPrice(facts: Facts, ts: number, priceSol: number | undefined): void {
  facts.priceTs = ts
  facts.priceSol = priceSol
}

function learnMarket(facts: Facts, rec: Rec, market: Market): void {
  if (
    market.priceSol !== undefined ||
    market.priceUsd !== undefined ||
    market.baseAmount !== undefined
  )
    learnPrice(facts, rec.ts, market.priceSol)
  facts.market = market
  facts.reserves = reservesOf(rec) ?? facts.reserves
}

/** Ours are eight; a stream that names a new set on every line must not fill the memory. */
const MAX_SETS = 64

function learnFeatures(known: Facts['features'], ts: number, told: Features): void {
  for (const name in told)
    if (known.size < MAX_SETS || known.has(name)) known.set(name, { ts, set: told[name]! })
}

/** The newest answer of a model counts, also when it is that it has no number. */
function learnPredictions(facts: Facts, rec: Rec): void {
  for (const name in rec.prediction) {
    const heads = rec.prediction[name]
    if (heads === undefined) continue
    if (heads.error === undefined) facts.models.set(name, { id: rec.id, ts: rec.ts, heads })
    else facts.models.delete(name)
  }
}
