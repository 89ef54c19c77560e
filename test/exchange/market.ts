import type { Rec } from '../../lib/records/record.ts'
import { simulate } from '../../lib/sources/sim/world.ts'

/** The simulated market up to now, as an exchange would know it. */
export interface Market {
  /** Every line, in order of time. */
  lines: readonly Rec[]
  /** Mints, the busiest first. */
  mints: readonly string[]
  /** Newest market line of a mint. */
  latest(mint: string): Rec | undefined
  facts(mint: string): Rec | undefined
  /** Closed candles with trades of a pool, oldest first, prices in SOL. */
  candles(pool: string): readonly Rec[]
}

export const SOL_USD = 200

export function makeMarket(options: {
  seed: string
  days: number
  tokensPerHour: number
  until: number
}): Market {
  const startAt = Math.floor((options.until - options.days * 86_400_000) / 300_000) * 300_000
  const sim = { ...options, candleMs: 300_000, snapshotMs: 30_000, tickMs: 60_000, startAt }
  const lines: Rec[] = []
  for (const batch of simulate(sim))
    for (const { rec } of batch) if (rec.ts <= options.until) lines.push(rec)
  const trades = new Map<string, number>()
  const latest = new Map<string, Rec>()
  const facts = new Map<string, Rec>()
  const candles = new Map<string, Rec[]>()
  for (const rec of lines) {
    const { mint = '', pool = '' } = rec
    if (rec.kind === 'trade') trades.set(mint, (trades.get(mint) ?? 0) + 1)
    if (rec.kind === 'market') latest.set(mint, rec)
    if (rec.kind === 'token') facts.set(mint, rec)
    if (rec.kind === 'candle') candles.set(pool, [...(candles.get(pool) ?? []), rec])
  }
  return {
    lines,
    mints: [...trades].sort((a, b) => b[1] - a[1]).map(([mint]) => mint),
    latest: mint => latest.get(mint),
    facts: mint => facts.get(mint),
    candles: pool => (candles.get(pool) ?? []).filter(({ candle }) => !candle?.filled),
  }
}
