import type { FeatureSet } from '../../records/features.ts'
import type { Market } from '../../records/market.ts'
import { idHash } from '../kit/admission.ts'
import {
  type FeatureFamily,
  type FeatureOptions,
  isDue,
  type Known,
  known,
  ratioChange,
  type TokenState,
} from '../kit/family.ts'
import { featureSet } from '../kit/feature-set.ts'
import { type MarketRegime, makeMarketRegime, REGIME } from './market-regime.ts'
import {
  liquidityBack,
  makePoolState,
  type PoolState,
  priceBack,
  priceOf,
  pushSnapshot,
  type Regime,
  type RegimeThresholds,
  regimeFlags,
  regimeOf,
  visitPool,
  volumeBack,
  WINDOW,
} from './pool-state.ts'

const POOL = featureSet({
  name: 'pool',
  kinds: ['market'],
  ready: '11 snapshots',
  rows: `
priceChange1@1 | fraction | 2 snapshots | market.priceSol, market.priceUsd
  price / price of the snapshot before − 1
priceChange3@1 | fraction | 4 snapshots | market.priceSol, market.priceUsd
  price / price 3 snapshots ago − 1
priceChange10@1 | fraction | 11 snapshots | market.priceSol, market.priceUsd
  price / price 10 snapshots ago − 1
consecutiveGains@1 | count | 2 snapshots | market.priceSol, market.priceUsd
  snapshots in a row, this one included, with a price above the one before; at most 99
kConstant@1 | base units² | 1 snapshot | market.baseAmount, market.quoteAmount
  token reserve · quote reserve
liquidityChange@1 | fraction | 2 snapshots | market.quoteAmount, market.liquidityUsd
  quote reserve / quote reserve of the snapshot before − 1
reserveRatio@1 | ratio | 1 snapshot | market.baseAmount, market.quoteAmount
  token reserve / quote reserve, in base units
volumeSpike@1 | fraction | 5 snapshots | market.volumeUsd.h24
  24-hour volume / volumeMa5 − 1
volumeMa5@1 | USD | 5 snapshots | market.volumeUsd.h24
  mean of the 24-hour volume over the last 5 snapshots
massiveDump@1 | 0/1 | 2 snapshots | market.priceSol, market.priceUsd
  price is 50 % or more below its highest of the last 100 snapshots
reserveDrain@1 | 0/1 | 2 snapshots | market.quoteAmount, market.liquidityUsd
  quote reserve is 30 % or more below its highest of the last 100 snapshots
poolAgeMinutes@1 | minutes | 1 snapshot | market.openAt
  time since the pool opened
priceAcceleration@1 | fraction | 3 snapshots | market.priceSol, market.priceUsd
  priceChange1 − priceChange1 of the snapshot before
volumeAcceleration@1 | fraction | 3 snapshots | market.volumeUsd.h24
  relative change of the 24-hour volume − that of the snapshot before`,
})

export type PoolOptions = FeatureOptions & RegimeThresholds

/** Snapshots until priceChange10 is known. */
const READY = 11
/** Pools followed per token; one more pushes out the one first seen. */
const MAX_POOLS = 16

/**
 * Set `pool`: 14 features of the reserve snapshots of each pool of a token, and its regime. A
 * snapshot older than the newest of its pool, or with the same id, is counted and gets no features.
 */
function makePools(options: PoolOptions, shares: MarketRegime | undefined): TokenState {
  const pools = new Map<string, PoolState>()
  const isWanted = options.sets.includes(POOL.name)
  let last: { key: string; state: PoolState } | undefined
  /** Most tokens have one pool: comparing its name costs a third of looking it up. */
  const stateOf = (key: string): PoolState => {
    if (last?.key !== key) last = { key, state: found(key) }
    return last.state
  }
  const found = (key: string): PoolState => {
    let state = pools.get(key)
    if (state === undefined) {
      if (pools.size === MAX_POOLS) pools.delete(pools.keys().next().value!)
      state = makePoolState()
      pools.set(key, state)
    }
    return state
  }
  return {
    see: (rec, entries) => {
      const { market } = rec
      if (rec.kind !== 'market' || market === undefined) return
      const state = stateOf(rec.pool ?? '')
      if (!accept(state, rec.ts, rec.id, market, options)) return
      const regime = currentRegime(state, options)
      shares?.note(state, regime, rec.ts)
      if (!isDue(rec.ts, state.emittedAt, options.every)) return
      state.emittedAt = rec.ts
      if (rec.warm === true) return
      if (isWanted) entries.pool = poolFeatures(state, market, rec.ts, regime)
      if (shares !== undefined) entries.regime = shares.features()
    },
    visit: tape => visitAll(tape, pools, stateOf),
  }
}

export const poolFamily = {
  sets: [POOL, REGIME],
  flags: regimeFlags,
  make: (options: PoolOptions, { market }: Known<MarketRegime>) => makePools(options, market),
  market: {
    key: '',
    make: ({ sets }: PoolOptions) => (sets.includes(REGIME.name) ? makeMarketRegime() : undefined),
  },
} as const satisfies FeatureFamily<PoolOptions, MarketRegime>

function accept(
  state: PoolState,
  ts: number,
  id: string,
  market: Market,
  { count }: PoolOptions,
): boolean {
  const hash = idHash(id)
  if (hash === state.lastHash) return refuse('duplicate', count)
  if (ts < state.lastTs) return refuse('late', count)
  const price = priceOf(state, market)
  if (price === undefined) return refuse('without price', count)
  state.lastTs = ts
  state.lastHash = hash
  pushSnapshot(state, price, market)
  return true
}

function refuse(why: string, count: FeatureOptions['count']): false {
  count(why)
  return false
}

function visitAll(
  tape: Parameters<TokenState['visit']>[0],
  pools: Map<string, PoolState>,
  stateOf: (key: string) => PoolState,
): void {
  const keys = [...pools.keys()]
  const size = tape.number(keys.length)
  for (let i = 0; i < size; i++) visitPool(tape, stateOf(tape.text(keys[i]) ?? ''))
}

/** The regime by the last 10 snapshots. */
function currentRegime(state: PoolState, thresholds: RegimeThresholds): Regime | undefined {
  const { rings, count } = state
  let worst: number | undefined
  let gains = 0
  let at = (count - 1) % WINDOW
  for (let left = Math.min(10, count - 1); left > 0; left--) {
    const before = at === 0 ? WINDOW - 1 : at - 1
    const change = rings[WINDOW + at]! / rings[WINDOW + before]! - 1
    if (Number.isFinite(change) && (worst === undefined || change < worst)) worst = change
    if (rings[at]! > rings[before]!) gains++
    at = before
  }
  return regimeOf(ratioChange(priceBack(state, 0), priceBack(state, 10)), worst, gains, thresholds)
}

function poolFeatures(
  state: PoolState,
  market: Market,
  ts: number,
  regime: Regime | undefined,
): FeatureSet {
  const isReady = state.count >= READY
  const set: FeatureSet = {
    hash: POOL.hash,
    ready: isReady,
    snapshots: Math.min(state.count, WINDOW),
  }
  if (!isReady) set.reason = `needs ${READY} snapshots, has ${state.count}`
  if (regime !== undefined) set.regime = regime
  set.values = poolValues(state, market, ts)
  return set
}

/** The 14 features, in order of the set. */
function poolValues(state: PoolState, market: Market, ts: number): Record<string, number> {
  const price = priceBack(state, 0)
  const change1 = ratioChange(price, priceBack(state, 1))
  const base = market.baseAmount === undefined ? Number.NaN : Number(market.baseAmount)
  const quote = market.quoteAmount === undefined ? Number.NaN : Number(market.quoteAmount)
  const volume = volumeBack(state, 0)
  const mean =
    (volume +
      volumeBack(state, 1) +
      volumeBack(state, 2) +
      volumeBack(state, 3) +
      volumeBack(state, 4)) /
    5
  const hasPast = state.count > 1
  return known({
    priceChange1: change1,
    priceChange3: ratioChange(price, priceBack(state, 3)),
    priceChange10: ratioChange(price, priceBack(state, 10)),
    consecutiveGains: hasPast ? state.gains : undefined,
    kConstant: base * quote,
    liquidityChange: ratioChange(liquidityBack(state, 0), liquidityBack(state, 1)),
    reserveRatio: base / quote,
    volumeSpike: ratioChange(volume, mean),
    volumeMa5: mean,
    massiveDump: hasPast ? fellBy(price, state.topPrice, 0.5) : undefined,
    reserveDrain: hasPast ? fellBy(liquidityBack(state, 0), state.topLiquidity, 0.3) : undefined,
    poolAgeMinutes:
      market.openAt === undefined || market.openAt > ts ? undefined : (ts - market.openAt) / 60_000,
    priceAcceleration: minus(change1, ratioChange(priceBack(state, 1), priceBack(state, 2))),
    volumeAcceleration: minus(
      ratioChange(volume, volumeBack(state, 1)),
      ratioChange(volumeBack(state, 1), volumeBack(state, 2)),
    ),
  })
}

/** 1 when x is at least that share below its highest, 0 when not; absent when x is unknown. */
const fellBy = (x: number, top: number, share: number): number | undefined =>
  Number.isNaN(x) ? undefined : top > 0 && x <= top * (1 - share) ? 1 : 0

const minus = (x: number | undefined, y: number | undefined): number | undefined =>
  x === undefined || y === undefined ? undefined : x - y
