import { grouped, int, num, type Values } from '../../base/flags.ts'
import type { Market } from '../../records/market.ts'
import type { StateTape } from '../kit/state-tape.ts'

/** Flags of the regimes: what makes which. */
export const regimeFlags = grouped('Regimes of a pool (set pool)', {
  rugChange: num('price change over 10 snapshots that makes a rug-dump', {
    default: -0.5,
    min: -1,
    max: 0,
  }),
  drain: num('change of the reserve between snapshots that makes a rug-dump', {
    default: -0.3,
    min: -1,
    max: 0,
  }),
  moonChange: num('price change over 10 snapshots that makes a moon-mission', {
    default: 0.5,
    min: 0,
  }),
  climbChange: num('price change over 10 snapshots that a steady-climb needs', {
    default: 0.05,
    min: 0,
  }),
  climbGains: int('gains within 10 snapshots that a steady-climb needs', {
    default: 6,
    min: 0,
    max: 10,
  }),
})
export type RegimeThresholds = Values<typeof regimeFlags>

/** Snapshots kept per pool. */
export const WINDOW = 100

/** 24-hour volumes kept per pool: the mean of 5. */
const VOLUMES = 5

/**
 * The last snapshots of one pool. One array for all rings (a typed array costs 200 bytes before its
 * first number): 100 prices, 100 quote reserves, 5 volumes. NaN = unknown.
 */
export interface PoolState {
  rings: Float64Array
  count: number
  lastTs: number
  /** Of the id of the last snapshot. */
  lastHash: number
  emittedAt: number
  gains: number
  topPrice: number
  topLiquidity: number
  /**
   * Which field the first snapshot had its price from (1 priceSol, 2 priceUsd): kept, so that units
   * never mix.
   */
  priceFrom: number
  /** Likewise for the liquidity (1 quote reserve, 2 liquidityUsd). */
  liquidityFrom: number
  /** For market-wide shares: regime (index + 1) and minute of the last snapshot. */
  regime: number
  regimeMinute: number
}

/** A pool of which no snapshot has been seen. */
export const makePoolState = (): PoolState => ({
  rings: new Float64Array(2 * WINDOW + VOLUMES),
  count: 0,
  lastTs: Number.NEGATIVE_INFINITY,
  lastHash: 0,
  emittedAt: Number.NEGATIVE_INFINITY,
  gains: 0,
  topPrice: 0,
  topLiquidity: 0,
  priceFrom: 0,
  liquidityFrom: 0,
  regime: 0,
  regimeMinute: 0,
})

/** Saves or restores the state of a pool, every field in a fixed order. */
export function visitPool(tape: StateTape, state: PoolState): void {
  tape.floats(state.rings)
  state.count = tape.number(state.count)
  state.lastTs = tape.number(state.lastTs)
  state.lastHash = tape.number(state.lastHash)
  state.emittedAt = tape.number(state.emittedAt)
  state.gains = tape.number(state.gains)
  state.topPrice = tape.number(state.topPrice)
  state.topLiquidity = tape.number(state.topLiquidity)
  state.priceFrom = tape.number(state.priceFrom)
  state.liquidityFrom = tape.number(state.liquidityFrom)
  state.regime = tape.number(state.regime)
  state.regimeMinute = tape.number(state.regimeMinute)
}

/** Price k snapshots ago; NaN when there is none. */
export const priceBack = ({ rings, count }: PoolState, k: number): number =>
  k < count && k < WINDOW ? rings[(count - 1 - k) % WINDOW]! : Number.NaN
/** Quote reserve k snapshots ago; NaN when unknown. */
export const liquidityBack = ({ rings, count }: PoolState, k: number): number =>
  k < count && k < WINDOW ? rings[WINDOW + ((count - 1 - k) % WINDOW)]! : Number.NaN
/** 24-hour volume k snapshots ago (k < 5); NaN when unknown. */
export const volumeBack = ({ rings, count }: PoolState, k: number): number =>
  k < count && k < VOLUMES ? rings[2 * WINDOW + ((count - 1 - k) % VOLUMES)]! : Number.NaN

/**
 * Price of a snapshot in the unit the pool started with; undefined when this snapshot does not have
 * it.
 */
export function priceOf(state: PoolState, market: Market): number | undefined {
  if (state.priceFrom === 0) state.priceFrom = firstPrice(market)
  if (state.priceFrom === 1) return market.priceSol
  return state.priceFrom === 2 ? market.priceUsd : ratioOf(market)
}

function firstPrice(market: Market): number {
  if (market.priceSol !== undefined) return 1
  if (market.priceUsd !== undefined) return 2
  return ratioOf(market) === undefined ? 0 : 3
}

/** Quote per base unit: features of a pool are ratios of prices, so any fixed unit serves. */
function ratioOf({ baseAmount, quoteAmount }: Market): number | undefined {
  if (baseAmount === undefined || quoteAmount === undefined) return undefined
  const ratio = Number(quoteAmount) / Number(baseAmount)
  return Number.isFinite(ratio) ? ratio : undefined
}

function liquidityOf(state: PoolState, market: Market): number {
  if (state.liquidityFrom === 0)
    state.liquidityFrom =
      market.quoteAmount !== undefined ? 1 : market.liquidityUsd !== undefined ? 2 : 0
  if (state.liquidityFrom === 1)
    return market.quoteAmount === undefined ? Number.NaN : Number(market.quoteAmount)
  return market.liquidityUsd ?? Number.NaN
}

/** Takes a snapshot in. */
export function pushSnapshot(state: PoolState, price: number, market: Market): void {
  const last = priceBack(state, 0)
  state.topPrice = push(state, 0, price, state.topPrice)
  state.topLiquidity = push(state, WINDOW, liquidityOf(state, market), state.topLiquidity)
  state.rings[2 * WINDOW + (state.count % VOLUMES)] = market.volumeUsd?.h24 ?? Number.NaN
  state.count++
  state.gains = price > last ? Math.min(state.gains + 1, WINDOW - 1) : 0
}

/**
 * Writes the next value of the ring at `from`; gives back its highest, looking again only when the
 * highest has left.
 */
function push({ rings, count }: PoolState, from: number, x: number, top: number): number {
  const at = from + (count % WINDOW)
  const leaving = count < WINDOW ? Number.NaN : rings[at]!
  rings[at] = x
  if (x >= top) return x
  if (leaving !== top) return top
  let highest = 0
  for (let i = from; i < from + WINDOW; i++) if (rings[i]! > highest) highest = rings[i]!
  return highest
}

export const REGIMES = ['rug-dump', 'moon-mission', 'steady-climb', 'sideways-chop'] as const
export type Regime = (typeof REGIMES)[number]

/**
 * What a pool is doing, judged by its last 10 snapshots; the first that applies. A rug-dump is
 * known from its second snapshot on, the others once there are 11 (`change10` is then a number);
 * until then absent.
 */
export function regimeOf(
  change10: number | undefined,
  worstLiquidityChange: number | undefined,
  gains: number,
  limits: RegimeThresholds,
): Regime | undefined {
  if (worstLiquidityChange !== undefined && worstLiquidityChange <= limits.drain) return 'rug-dump'
  if (change10 === undefined) return undefined
  if (change10 <= limits.rugChange) return 'rug-dump'
  if (change10 >= limits.moonChange) return 'moon-mission'
  return change10 >= limits.climbChange && gains >= limits.climbGains
    ? 'steady-climb'
    : 'sideways-chop'
}
