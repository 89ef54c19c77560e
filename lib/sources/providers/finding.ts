import type { Candle } from '../../records/candle.ts'
import type { Market } from '../../records/market.ts'
import type { Opportunity } from '../../records/opportunity.ts'
import type { Token } from '../../records/token.ts'
import type { Trade } from '../../records/trade.ts'

/**
 * Something a provider said of one token. Facts are merged into what is known of it; the rest
 * become lines of their own.
 */
export interface Finding {
  mint: string
  pool?: string
  /** Event time by the chain or the provider; the time of the answer where neither says. */
  ts: number
  slot?: number
  facts?: Token
  market?: Market
  /** Base units of the quote that are really in the pool, virtual ones left out. */
  realQuote?: bigint | undefined
  trade?: Trade
  candle?: Candle
  opportunity?: Opportunity
}

/** Leaves out what is unknown, so that absent stays absent; undefined when nothing is left. */
export function some<T extends object>(
  fields: { [K in keyof T]: T[K] | undefined },
): T | undefined {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as T)
}

/** The same where something is always left. */
export const only = <T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T =>
  some<T>(fields) ?? ({} as T)
