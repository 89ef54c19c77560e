import { tidy, wholeTokens } from '../../market/ratio.ts'
import type { Market } from '../../records/market.ts'
import type { Trade } from '../../records/trade.ts'
import { quoteDecimals, USD1, USDC, USDT, WSOL } from '../decode/programs.ts'
import { type Finding, only } from '../providers/finding.ts'
import type { Call, Provider } from '../providers/provider.ts'
import type { Loop } from './loops.ts'

/** What SOL costs in USD, as far as that is known. */
export interface SolPrice {
  /** The price that holds at an event time, ms UTC; undefined when none was told near it. */
  at(ts: number): number | undefined
  told(usd: number, at: number): void
}

/** A price is good for events so far from the time it was told. */
const GOOD_FOR_MS = 300_000
const EVERY_MS = 30_000
/** No price of SOL, whoever says so. */
const ABSURD_USD = 1e6

/** Keeps the price told last; one that is not above 0, or is absurd, is not taken. */
export function makeSolPrice(): SolPrice {
  let last: { usd: number; at: number } | undefined
  return {
    at: ts => (last !== undefined && Math.abs(ts - last.at) <= GOOD_FOR_MS ? last.usd : undefined),
    told(usd, at) {
      if (usd > 0 && usd < ABSURD_USD) last = { usd, at }
    },
  }
}

/** Asks for the price again and again. */
export async function solPriceLoop(
  provider: Provider,
  call: Call<number | undefined>,
  price: SolPrice,
  { asker, time, signal }: Loop,
): Promise<void> {
  while (!signal.aborted) {
    const usd = await asker.ask(provider, call, signal)
    if (usd !== undefined) price.told(usd, time.now())
    await time.sleep(EVERY_MS, signal)
  }
}

/** What one unit of a quote is worth in USD: SOL by its price, dollar coins as dollars. */
const quoteUsd = (quoteMint: string | undefined, solUsd: number | undefined): number | undefined =>
  quoteMint === WSOL ? solUsd : DOLLARS.has(quoteMint) ? 1 : undefined
const DOLLARS: ReadonlySet<string | undefined> = new Set([USDC, USDT, USD1])

/**
 * Adds what follows from the price of SOL: value of a trade, and price and liquidity of a pool, in
 * USD; the price in SOL where the quote is dollars. What the source itself says stays; what is not
 * known stays absent.
 */
export function valued(found: Finding, price: SolPrice): Finding {
  const { trade, market, realQuote, ts } = found
  const solUsd = price.at(ts)
  if (trade !== undefined) return { ...found, trade: valuedTrade(trade, solUsd) }
  return market === undefined
    ? found
    : { ...found, market: valuedMarket(market, realQuote, solUsd) }
}

function valuedTrade(trade: Trade, solUsd: number | undefined): Trade {
  const decimals = trade.quoteDecimals ?? quoteDecimals(trade.quoteMint)
  const usd = quoteUsd(trade.quoteMint, solUsd)
  if (trade.volumeUsd !== undefined || usd === undefined || decimals === undefined) return trade
  const quote = wholeTokens(BigInt(trade.quoteAmount), decimals)
  const base =
    trade.baseDecimals === undefined ? 0 : wholeTokens(BigInt(trade.baseAmount), trade.baseDecimals)
  const canPrice = trade.priceSol === undefined && solUsd !== undefined && base > 0
  return {
    ...trade,
    ...(canPrice ? { priceSol: tidy((quote * usd) / base / solUsd) } : {}),
    volumeUsd: tidy(quote * usd),
  }
}

function valuedMarket(
  market: Market,
  realQuote: bigint | undefined,
  solUsd: number | undefined,
): Market {
  const { quoteMint, quoteAmount, baseAmount, baseDecimals, priceSol } = market
  const usd = quoteUsd(quoteMint, solUsd)
  const decimals = market.quoteDecimals ?? quoteDecimals(quoteMint)
  const worth = (quote: bigint | string | undefined): number | undefined =>
    quote === undefined || decimals === undefined || usd === undefined
      ? undefined
      : wholeTokens(BigInt(quote), decimals) * usd
  const base =
    baseAmount === undefined || baseDecimals === undefined
      ? 0
      : wholeTokens(BigInt(baseAmount), baseDecimals)
  const bySol = priceSol === undefined ? undefined : times(priceSol, solUsd)
  const priceUsd =
    market.priceUsd ?? bySol ?? (base === 0 ? undefined : times(1 / base, worth(quoteAmount)))
  return only<Market>({
    ...market,
    priceSol: priceSol ?? (solUsd === undefined ? undefined : times(1 / solUsd, priceUsd)),
    priceUsd,
    // Both sides of a constant-product pool are worth the same; virtual reserves can never be taken
    // out.
    liquidityUsd: market.liquidityUsd ?? times(2, worth(realQuote)),
  })
}

const times = (a: number, b: number | undefined): number | undefined =>
  b === undefined ? undefined : tidy(a * b)
