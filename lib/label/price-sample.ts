import type { Rec } from '../records/record.ts'

/** What one line says about the price of its mint. */
export interface Sample {
  ts: number
  /** Prices in different units are never compared. */
  unit: 'sol' | 'usd' | 'unknown'
  price: number
  /** Extremes since `since`; equal to the price for a single observation. */
  high: number
  low: number
  /** Start of what high and low cover. */
  since: number
  pool?: string
  /** Value in an open pool, in a unit of its own: only compared with the same pool. */
  liquidity?: number
}

/**
 * The price on a line: of a market (SOL before USD), of a trade, or of a bar in which there were
 * trades.
 */
export function sampleOf(rec: Rec): Sample | undefined {
  if (rec.market !== undefined) return marketSample(rec, rec.market)
  if (rec.trade?.priceSol !== undefined) return single(rec, 'sol', rec.trade.priceSol)
  const { candle } = rec
  if (candle === undefined || candle.filled === true || candle.close <= 0) return undefined
  const { close, high, low, openAt } = candle
  const unit = (candle.currency ?? 'unknown') as Sample['unit']
  return { ts: rec.ts, unit, price: close, high, low, since: openAt }
}

function single(rec: Rec, unit: Sample['unit'], price: number): Sample | undefined {
  return price > 0 ? { ts: rec.ts, unit, price, high: price, low: price, since: rec.ts } : undefined
}

function marketSample(rec: Rec, market: NonNullable<Rec['market']>): Sample | undefined {
  const { priceSol, priceUsd, liquidityUsd, isOpen } = market
  const sample =
    priceSol === undefined ? single(rec, 'usd', priceUsd ?? 0) : single(rec, 'sol', priceSol)
  if (sample === undefined || rec.pool === undefined) return sample
  sample.pool = rec.pool
  // A bonding curve is emptied when the token moves to another pool: that is not a rug.
  if (liquidityUsd !== undefined && isOpen !== false) sample.liquidity = liquidityUsd
  return sample
}
