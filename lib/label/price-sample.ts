import { boundedTrade } from '../market/odd-print.ts'
import { WRAPPED_SOL } from '../market/whale.ts'
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
  /** Quote reserve of the pool in the unit of the price; null where the pool is closed. */
  reserve?: number | null
}

/**
 * The price on a line: of a market (SOL before USD), of a trade, or of a bar in which there were
 * trades.
 */
export function sampleOf(rec: Rec): Sample | undefined {
  if (rec.market !== undefined) return marketSample(rec, rec.market)
  if (rec.trade?.priceSol !== undefined) {
    const sample = single(rec, 'sol', boundedTrade(rec).trade?.priceSol ?? 0)
    const reserve = solOf(rec.trade, rec.trade.quoteReserveAmount)
    return sample === undefined || reserve === undefined ? sample : { ...sample, reserve }
  }
  const { candle } = rec
  if (candle === undefined || candle.filled === true || candle.close <= 0) return undefined
  const { close, high, low, openAt } = candle
  const unit = (candle.currency ?? 'unknown') as Sample['unit']
  return { ts: rec.ts, unit, price: close, high, low, since: openAt }
}

/** An amount of the quote side in SOL; undefined where that is not SOL. */
function solOf(
  { quoteMint, quoteDecimals = 9 }: { quoteMint?: string; quoteDecimals?: number },
  amount: string | undefined,
): number | undefined {
  const isSol = quoteMint === undefined || quoteMint === WRAPPED_SOL
  return amount === undefined || !isSol ? undefined : Number(amount) / 10 ** quoteDecimals
}

/** Quote reserve in the unit of the price: as told, else half of the liquidity at that price. */
function reserveOf(market: NonNullable<Rec['market']>, isSol: boolean): number | null | undefined {
  const { isOpen, quoteAmount, liquidityUsd, priceSol, priceUsd } = market
  if (isOpen === false) return null
  const told = isSol ? solOf(market, quoteAmount) : undefined
  if (told !== undefined || liquidityUsd === undefined) return told
  if (!isSol) return liquidityUsd / 2
  return priceSol === undefined || !(priceUsd !== undefined && priceUsd > 0)
    ? undefined
    : (liquidityUsd / 2) * (priceSol / priceUsd)
}

function single(rec: Rec, unit: Sample['unit'], price: number): Sample | undefined {
  return price > 0 ? { ts: rec.ts, unit, price, high: price, low: price, since: rec.ts } : undefined
}

function marketSample(rec: Rec, market: NonNullable<Rec['market']>): Sample | undefined {
  const { priceSol, priceUsd, liquidityUsd, isOpen } = market
  const sample =
    priceSol === undefined ? single(rec, 'usd', priceUsd ?? 0) : single(rec, 'sol', priceSol)
  if (sample === undefined) return sample
  const reserve = reserveOf(market, sample.unit === 'sol')
  if (reserve !== undefined) sample.reserve = reserve
  if (rec.pool === undefined) return sample
  sample.pool = rec.pool
  // A bonding curve is emptied when the token moves to another pool: that is not a rug.
  if (liquidityUsd !== undefined && isOpen !== false) sample.liquidity = liquidityUsd
  return sample
}
