import type { Rec } from '../records/record.ts'
import type { Trade } from '../records/trade.ts'
import { WRAPPED_SOL } from './whale.ts'

/** How far outside the prices before and after a swap its own may lie: fees of up to a tenth. */
const SLACK = 1.1

/** What is counted where a price was bounded. */
export const ODD_PRINT = 'price bounded by reserves'

/**
 * What the price of a trade has to be multiplied by to be one that its pool could give: 1 for a
 * price between the ones of the pool before and after the swap (x·y = k, virtual reserves
 * included), give or take a tenth; else the factor to the nearer of those bounds. A router tells
 * amounts of a whole route beside one pool, so that the price of a print can be off by orders of
 * magnitude. 1 as well where the reserves are not told.
 */
export function oddness(trade: Trade): number {
  const [base, quote] = [Number(trade.baseAmount), Number(trade.quoteAmount)]
  const after = [Number(trade.baseReserveAmount), Number(trade.quoteReserveAmount)] as const
  if (!(base > 0 && quote > 0 && after[0] > 0 && after[1] > 0)) return 1
  const sign = trade.side === 'buy' ? 1 : -1
  const before = [after[0] + sign * base, after[1] - sign * quote] as const
  const spots = [after[1] / after[0]]
  if (before[0] > 0 && before[1] > 0) spots.push(before[1] / before[0])
  const price = paid(trade, quote / base)
  const low = Math.min(...spots) / SLACK
  const high = Math.max(...spots) * SLACK
  return price < low ? low / price : price > high ? high / price : 1
}

/** The price that is told in base units of both sides, where it is in SOL and can be; else paid. */
function paid({ priceSol, baseDecimals, quoteDecimals = 9, quoteMint }: Trade, ratio: number) {
  if (priceSol === undefined || !(priceSol > 0) || baseDecimals === undefined) return ratio
  const isSol = quoteMint === undefined || quoteMint === WRAPPED_SOL
  return isSol ? priceSol * 10 ** (quoteDecimals - baseDecimals) : ratio
}

/**
 * The line with the price of its trade bounded by the reserves of the pool; the same line where
 * there is nothing to bound.
 */
export function boundedTrade(rec: Rec): Rec {
  const { trade } = rec
  if (rec.kind !== 'trade' || trade?.priceSol === undefined) return rec
  const factor = oddness(trade)
  return factor === 1 ? rec : { ...rec, trade: { ...trade, priceSol: trade.priceSol * factor } }
}
