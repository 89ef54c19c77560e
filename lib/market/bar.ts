import type { Rec } from '../records/record.ts'
import { oddness } from './odd-print.ts'

/**
 * Prices and values above this are no market but an error, and would stay in running totals for
 * ever.
 */
export const ABSURD = 1e30

/** A price more than so many times another, or less than such a part of it, is a jump. */
export const JUMP = 10

/** One price seen on a pool: from a trade, or from a snapshot of its reserves. */
export interface Sighting {
  price: number
  currency: 'sol' | 'usd'
  /** Whole tokens that changed hands. */
  volume: number
  fromTrade: boolean
  /** Its price was bounded by the reserves of the pool. */
  isOdd?: boolean
}

/** A bar in the making. */
export interface OpenBar {
  openAt: number
  open: number
  high: number
  low: number
  close: number
  volume: number
  trades: number
  /**
   * Times of the sightings that gave open and close, so that trades out of order change the right
   * one.
   */
  firstAt: number
  lastAt: number
}

const whole = (amount: string, decimals: number): number => Number(amount) / 10 ** decimals

/**
 * What a trade says of the price, within what its pool could give; absent when price or decimals
 * are unknown.
 */
export function tradeSighting(rec: Rec, decimals: number | undefined): Sighting | undefined {
  const { trade } = rec
  const scale = trade?.baseDecimals ?? decimals
  if (trade === undefined || scale === undefined) return undefined
  const volume = whole(trade.baseAmount, scale)
  const factor = oddness(trade)
  const odd = factor === 1 ? {} : { isOdd: true }
  if (trade.priceSol !== undefined)
    return { price: trade.priceSol * factor, currency: 'sol', volume, fromTrade: true, ...odd }
  if (trade.volumeUsd === undefined || volume === 0) return undefined
  const price = (trade.volumeUsd / volume) * factor
  return { price, currency: 'usd', volume, fromTrade: true, ...odd }
}

/**
 * What a snapshot says. The volume between two snapshots is at least the change of the token
 * reserve, so that is what it counts; without reserves it is 0.
 */
export function marketSighting(rec: Rec, lastBase: string | undefined): Sighting | undefined {
  const { market } = rec
  const price = market?.priceSol ?? market?.priceUsd
  if (market === undefined || price === undefined) return undefined
  const moved =
    market.baseAmount === undefined || lastBase === undefined || market.baseDecimals === undefined
      ? 0
      : Math.abs(
          whole(market.baseAmount, market.baseDecimals) - whole(lastBase, market.baseDecimals),
        )
  return {
    price,
    currency: market.priceSol === undefined ? 'usd' : 'sol',
    volume: moved,
    fromTrade: false,
  }
}

/** A bar opened by its first sighting. */
export const openBar = (openAt: number, seen: Sighting, ts: number): OpenBar => ({
  openAt,
  open: seen.price,
  high: seen.price,
  low: seen.price,
  close: seen.price,
  volume: seen.volume,
  trades: seen.fromTrade ? 1 : 0,
  firstAt: ts,
  lastAt: ts,
})

/** Takes another sighting into a bar; one that is older than the last does not become the close. */
export function widen(bar: OpenBar, seen: Sighting, ts: number): void {
  if (ts < bar.firstAt) {
    bar.firstAt = ts
    bar.open = seen.price
  }
  if (ts >= bar.lastAt) {
    bar.lastAt = ts
    bar.close = seen.price
  }
  bar.high = Math.max(bar.high, seen.price)
  bar.low = Math.min(bar.low, seen.price)
  bar.volume += seen.volume
  if (seen.fromTrade) bar.trades++
}
