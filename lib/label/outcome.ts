import type { Label } from '../records/label.ts'
import { OUTCOMES, type Outcome } from '../records/prediction.ts'
import { changeOf } from './change.ts'
import type { Definition } from './definition.ts'
import type { Sample } from './price-sample.ts'
import { type Blind, quietOf } from './quiet.ts'

export const HOUR = 3_600_000

/** A horizon that ends at a time. */
interface Timed {
  name: string
  ms: number
}

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
  /** Newest quote reserve of the pool of a price, in its unit; null once the pool was closed. */
  reserve?: number | null
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
  /** Quote reserve known at the anchor, in the unit of its price; null in a closed pool. */
  reserve?: number | null
  /** Highest price of the time in which a profit counts; 0 while there is none. */
  hourHigh: number
}

const SLICE = 300_000

/**
 * The label of a horizon that ends at a time. `hasTrades`: the stream carries trades, so none is a
 * count of zero; `blind`: when the whole stream was silent.
 */
export function timedLabel(
  { name: horizon, ms: length }: Timed,
  definition: Definition,
  base: Base,
  seen: Seen,
  { hasTrades, isCut, blind }: { hasTrades: boolean; isCut: boolean; blind: readonly Blind[] },
): Label {
  const { price } = base
  const label: Partial<Label> = { horizon }
  if (price !== undefined && base.isSol) label.basePriceSol = price
  const end = base.ts + length
  const quiet =
    price === undefined || isCut
      ? undefined
      : quietOf({ ...base, price }, seen, { end, length, blind }, definition)
  if (price !== undefined) Object.assign(label, movesOf(price, definition, base, seen))
  if (quiet?.change !== undefined) endQuietly(label, quiet.change, end, definition)
  label.coverage = Math.min(1, seen.slices / (length / SLICE))
  if (hasTrades) label.whaleTrades = seen.whales
  if (quiet !== undefined) label.quiet = quiet.quiet
  const reason = isCut ? 'input-ended' : price === undefined ? 'no-base-price' : quiet?.reason
  label.censored = reason !== undefined
  if (reason !== undefined) label.reason = reason
  label.availableAt = end
  return label as Label
}

/** The end of a token that went quiet: what its buyer gets is one more price, the last of all. */
function endQuietly(
  label: Partial<Label>,
  change: number,
  end: number,
  { bounds, profit, rugLoss }: Definition,
): void {
  label.return = change
  label.outcome = outcomeOf(change, bounds)
  if (change >= (label.peak ?? change)) {
    label.peak = change
    label.peakAt ??= end
  }
  if (change <= (label.trough ?? change)) {
    label.trough = change
    label.troughAt = end
  }
  label.maxProfit ??= change
  label.profitable = label.maxProfit >= profit
  label.rug = label.rug === true || change <= -rugLoss
}

function movesOf(price: number, definition: Definition, base: Base, seen: Seen): Partial<Label> {
  if (seen.last === undefined) return {}
  const { bounds, profit, rugLoss, rugDrain } = definition
  const trough = changeOf(price, seen.low)
  const end = changeOf(price, seen.last)
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

/** Takes a price into what has been seen of a horizon of an anchor. */
export function see(
  seen: Seen,
  base: Base,
  sample: Pick<Sample, 'ts' | 'price' | 'high' | 'low' | 'reserve'>,
): void {
  const { ts, price, high, low, reserve } = sample
  if (ts >= seen.lastAt) {
    seen.last = price
    seen.lastAt = ts
    if (reserve !== undefined) seen.reserve = reserve
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
