import type { Rec } from '../../records/record.ts'
import type { Bar } from './price-row.ts'

/** What a price table may say of a token beside its bars, known when the bar closes. */
export const FACTS = ['liquidity', 'marketCap', 'holders', 'ageHours', 'volume24h'] as const
export type Fact = (typeof FACTS)[number]
export type BarFacts = Partial<Record<Fact, number>>

const HOUR = 3_600_000

/**
 * The token and market lines of a bar’s facts, at its close; none where the table has no such
 * columns. The market line holds no price, which is the bar’s to tell.
 */
export function factLines({ mint, openAt, facts }: Bar, intervalMs: number): Rec[] {
  if (facts === undefined) return []
  const { liquidity, marketCap, holders, ageHours, volume24h } = facts
  const ts = openAt + intervalMs
  const token = {
    ...(holders === undefined ? {} : { holderCount: Math.round(holders) }),
    ...(ageHours === undefined ? {} : { createdAt: Math.max(0, Math.round(ts - ageHours * HOUR)) }),
  }
  const market = {
    ...(liquidity === undefined ? {} : { liquidityUsd: liquidity }),
    ...(marketCap === undefined ? {} : { marketCapUsd: marketCap }),
    ...(volume24h === undefined ? {} : { volumeUsd: { h24: volume24h } }),
  }
  const line = (kind: 'token' | 'market', part: object): Rec[] =>
    Object.keys(part).length === 0
      ? []
      : [{ v: 1, id: `${kind}:${mint}:ohlcv:${ts}`, ts, kind, mint, source: 'ohlcv', [kind]: part }]
  const told = Object.keys(market).length === 0 ? {} : { dex: 'unknown', ...market }
  return [...line('token', token), ...line('market', told)]
}
