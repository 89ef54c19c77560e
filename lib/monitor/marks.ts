import type { Candle } from '../records/candle.ts'
import type { Market } from '../records/market.ts'
import type { Rec } from '../records/record.ts'
import type { Token } from '../records/token.ts'
import type { MarkLimits } from './quality-flags.ts'

/**
 * Everything that can look wrong about a line, and the points it costs. A line may have several.
 */
export const MARKS = {
  'no-price': {
    points: 30,
    doc: 'a market or trade line without any price, but for facts beside a bar',
  },
  'zero-price': { points: 40, doc: 'a price of 0' },
  'bad-bar': { points: 40, doc: 'open or close outside low and high, or low above high' },
  jump: {
    points: 25,
    doc: 'price more than ten times, or less than a tenth, of the last one of its pool',
  },
  'time-backwards': { points: 20, doc: 'older than a line of the same kind of its pool before it' },
  duplicate: { points: 20, doc: 'an id of one of the last 64 lines of the token' },
  'volume-is-reserve': {
    points: 15,
    doc: 'the 24-hour volume equals the quote reserve or the liquidity: the wrong column',
  },
  stale: { points: 15, doc: 'price and reserves of a pool have not moved for longer than --stale' },
  'zero-volume': { points: 10, doc: 'a bar without volume that is not a filled one' },
  gap: { points: 8, doc: 'more than two intervals between a bar and the one before' },
  'holders-stale': {
    points: 5,
    doc: 'the holder count was reported longer ago than --stale-facts',
  },
  'top10-stale': {
    points: 5,
    doc: 'the share of the ten largest holders was reported longer ago than --stale-facts',
  },
} as const
export type Mark = keyof typeof MARKS

/** What is remembered of a pool, per kind of line. */
export interface Seen {
  ts: number
  price: number
  openAt: number
  /** Price and reserves, and since when they are as they are. */
  state: string
  since: number
}

/** 100 minus the points of the marks, at least 0. */
export const scoreOf = (marks: readonly Mark[]): number =>
  Math.max(
    0,
    marks.reduce((score, mark) => score - MARKS[mark].points, 100),
  )

/** The price that a line reports; absent when it has none. */
const priceOf = ({ candle, trade, market }: Rec): number | undefined =>
  candle?.close ?? trade?.priceSol ?? market?.priceSol ?? market?.priceUsd

/** Marks that the line alone gives. */
export function ownMarks(rec: Rec, limits: MarkLimits): Mark[] {
  const { candle, market, token, trade } = rec
  const marks: Mark[] = []
  const price = priceOf(rec)
  if (
    (market !== undefined || trade !== undefined) &&
    price === undefined &&
    trade?.volumeUsd === undefined &&
    rec.source !== 'ohlcv'
  )
    marks.push('no-price')
  if (price === 0) marks.push('zero-price')
  if (candle !== undefined) marks.push(...barMarks(candle))
  if (market !== undefined && isReserveColumn(market)) marks.push('volume-is-reserve')
  if (token !== undefined) marks.push(...factMarks(token, rec.ts, limits))
  return marks
}

function barMarks({ open, high, low, close, volume, filled }: Candle): Mark[] {
  const isInside = (x: number): boolean => x >= low && x <= high
  return [
    ...(isInside(open) && isInside(close) ? [] : (['bad-bar'] as const)),
    ...(volume === 0 && filled !== true ? (['zero-volume'] as const) : []),
  ]
}

/**
 * A collector that wrote the reserve into the volume column teaches a model nothing about volume.
 */
function isReserveColumn({ volumeUsd, liquidityUsd, quoteAmount, quoteDecimals }: Market): boolean {
  const volume = volumeUsd?.h24
  if (volume === undefined || volume === 0) return false
  const reserve =
    quoteAmount === undefined ? undefined : Number(quoteAmount) / 10 ** (quoteDecimals ?? 9)
  return [liquidityUsd, reserve].some(x => x !== undefined && Math.abs(x - volume) <= 1e-9 * volume)
}

function factMarks({ seen }: Token, ts: number, { staleFacts }: MarkLimits): Mark[] {
  const isStale = (field: string): boolean => {
    const at = seen !== undefined && Object.hasOwn(seen, field) ? seen[field]?.at : undefined
    return at !== undefined && ts - at > staleFacts
  }
  return [
    ...(isStale('holderCount') ? (['holders-stale'] as const) : []),
    ...(isStale('top10Share') ? (['top10-stale'] as const) : []),
  ]
}

/** Marks that the line gives beside the one before it of the same pool and kind. */
export function pairMarks(rec: Rec, last: Seen, limits: MarkLimits): Mark[] {
  const marks: Mark[] = []
  const price = priceOf(rec)
  const { candle } = rec
  if (rec.ts < last.ts) marks.push('time-backwards')
  if (price !== undefined && price > 0 && last.price > 0) {
    const factor = price / last.price
    if (factor > limits.jump || factor < 1 / limits.jump) marks.push('jump')
  }
  if (candle !== undefined && candle.openAt - last.openAt > 2 * candle.intervalMs) marks.push('gap')
  if (rec.market !== undefined && stateOf(rec) === last.state && rec.ts - last.since > limits.stale)
    marks.push('stale')
  return marks
}

const stateOf = ({ market }: Rec): string =>
  market === undefined
    ? ''
    : `${market.priceSol ?? market.priceUsd} ${market.baseAmount} ${market.quoteAmount}`

/** What to remember of a line for the next. */
export function remember(rec: Rec, last: Seen | undefined): Seen {
  const state = stateOf(rec)
  const price = priceOf(rec)
  return {
    ts: rec.ts,
    price: price !== undefined && price > 0 ? price : (last?.price ?? 0),
    openAt: rec.candle?.openAt ?? 0,
    state,
    since: last !== undefined && last.state === state ? last.since : rec.ts,
  }
}
