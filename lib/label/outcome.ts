import type { Label } from '../records/label.ts'
import { OUTCOMES, type Outcome } from '../records/prediction.ts'
import type { Definition } from './definition.ts'

export const HOUR = 3_600_000

/** A horizon that ends at a time. */
interface Timed {
  name: string
  ms: number
}

/**
 * Return from one price to another, rounded to 10⁻¹² so that 1.05 / 1 is +5 % and not a hair more.
 */
export const changeOf = (from: number, to: number): number =>
  Math.round((to / from - 1) * 1e12) / 1e12 + 0

/**
 * Class of a return by six bounds; by the usual ones RUG ≤ −.80 < DECLINE ≤ −.30 < DIP < −.05 ≤
 * STABLE ≤ .05 < CLIMB ≤ .30 < PUMP ≤ 1 < MOON. A return at a bound belongs to the class below,
 * at the one between DIP and STABLE to the one above, so that STABLE has both its ends.
 */
export function outcomeOf(change: number, bounds: Definition['bounds']): Outcome {
  const at = bounds.findIndex((bound, i) => (i === DIP ? change < bound : change <= bound))
  return OUTCOMES[at < 0 ? bounds.length : at]!
}

const DIP = OUTCOMES.indexOf('DIP')

/** What has been seen of one horizon so far. */
export interface Seen {
  last?: number
  lastAt: number
  high: number
  highAt: number
  low: number
  lowAt: number
  /** Lowest liquidity of the anchor’s pool. */
  liquidity: number
  /** Five-minute slices with a price, and the newest of them. */
  slices: number
  slice: number
  whales: number
}

/** A horizon of which nothing has been seen: its high below and its low above every price. */
export const nothingSeen = (): Seen => ({
  lastAt: 0,
  high: 0,
  highAt: 0,
  low: Number.MAX_VALUE,
  lowAt: 0,
  liquidity: Number.MAX_VALUE,
  slices: 0,
  slice: -1,
  whales: 0,
})

export interface Base {
  ts: number
  /** Price at the anchor; absent when none is known. */
  price?: number
  isSol: boolean
  liquidity?: number
  /** Highest price of the time in which a profit counts; 0 while there is none. */
  hourHigh: number
}

/** A price ends this share of the horizon before its end at most, or the token has gone quiet. */
const QUIET_SHARE = 0.25
const SLICE = 300_000

/**
 * The label of a horizon that ends at a time. `hasTrades`: the stream carries trades, so none is a
 * count of zero.
 */
export function timedLabel(
  { name: horizon, ms: length }: Timed,
  definition: Definition,
  base: Base,
  seen: Seen,
  { hasTrades, isCut }: { hasTrades: boolean; isCut: boolean },
): Label {
  const { price } = base
  const label: Partial<Label> = { horizon }
  if (price !== undefined && base.isSol) label.basePriceSol = price
  if (price !== undefined && seen.last !== undefined)
    Object.assign(label, movesOf(price, definition, base, seen))
  label.coverage = Math.min(1, seen.slices / (length / SLICE))
  if (hasTrades) label.whaleTrades = seen.whales
  const reason = isCut ? 'input-ended' : censorReason(price, base.ts + length, length, seen)
  label.censored = reason !== undefined
  if (reason !== undefined) label.reason = reason
  label.availableAt = base.ts + length
  return label as Label
}

function movesOf(price: number, definition: Definition, base: Base, seen: Seen): Partial<Label> {
  const { bounds, profit, rugLoss, rugDrain } = definition
  const trough = changeOf(price, seen.low)
  const end = changeOf(price, seen.last!)
  const label: Partial<Label> = { return: end, peak: changeOf(price, seen.high), trough }
  label.peakAt = seen.highAt
  label.troughAt = seen.lowAt
  if (base.hourHigh > 0) {
    label.maxProfit = changeOf(price, base.hourHigh)
    label.profitable = label.maxProfit >= profit
  }
  label.rug = trough <= -rugLoss || isDrained(base, seen, rugDrain)
  label.outcome = outcomeOf(end, bounds)
  return label
}

const isDrained = ({ liquidity }: Base, seen: Seen, drain: number): boolean =>
  liquidity !== undefined &&
  liquidity > 0 &&
  seen.liquidity !== Number.MAX_VALUE &&
  changeOf(liquidity, seen.liquidity) <= -drain

function censorReason(
  price: number | undefined,
  due: number,
  length: number,
  seen: Seen,
): string | undefined {
  if (price === undefined) return 'no-base-price'
  if (seen.last === undefined) return 'no-prices'
  return due - seen.lastAt > length * QUIET_SHARE ? 'went-quiet' : undefined
}

/** Takes a price into what has been seen of a horizon of an anchor. */
export function see(
  seen: Seen,
  base: Base,
  sample: { ts: number; price: number; high: number; low: number },
): void {
  const { ts, price, high, low } = sample
  if (ts >= seen.lastAt) {
    seen.last = price
    seen.lastAt = ts
  }
  if (high > seen.high) {
    seen.high = high
    seen.highAt = ts
  }
  if (low < seen.low) {
    seen.low = low
    seen.lowAt = ts
  }
  const slice = Math.ceil((ts - base.ts) / SLICE)
  if (slice > seen.slice) {
    seen.slice = slice
    seen.slices++
  }
}
