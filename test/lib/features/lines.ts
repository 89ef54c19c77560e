import { defaultsOf } from '../../../lib/base/flags.ts'
import { regimeFlags } from '../../../lib/features/families/pool-state.ts'
import { whaleSetFlags } from '../../../lib/features/families/whales-family.ts'
import { makeFeatures } from '../../../lib/features/features-step.ts'
import { DEFAULT_SETS, type OurOptions, type SetName } from '../../../lib/features/sets.ts'
import type { FeatureSet } from '../../../lib/records/features.ts'
import type { Market } from '../../../lib/records/market.ts'
import type { Rec } from '../../../lib/records/record.ts'
import type { Token } from '../../../lib/records/token.ts'
import type { Line } from '../../../lib/stream/line.ts'

/** A midnight, so that hours of the day are easy to tell: 2025-11-21T00:00:00Z. */
export const T0 = 1_763_683_200_000
export const SECOND = 1000
export const MINUTE = 60_000
export const HOUR = 3_600_000

const envelope = (kind: Rec['kind'], ts: number, mint: string, id: string): Rec => ({
  v: 1,
  id,
  ts,
  kind,
  mint,
  pool: `${mint}-pool`,
  source: 'test',
})

export const tick = (ts: number): Rec => ({
  v: 1,
  id: `tick:${ts}`,
  ts,
  kind: 'tick',
  source: 'test',
})
export const market = (ts: number, part: Partial<Market>, mint = 'CAT'): Rec => ({
  ...envelope('market', ts, mint, `market:${mint}:${ts}`),
  market: { dex: 'pumpswap', ...part },
})
export const token = (ts: number, part: Token, mint = 'CAT'): Rec => ({
  ...envelope('token', ts, mint, `token:${mint}:${ts}`),
  token: part,
})
export interface Swap {
  side?: 'buy' | 'sell'
  price?: number
  tokens?: number
  usd?: number
  wallet?: string
}
export const trade = (ts: number, swap: Swap, mint = 'CAT', n = 0): Rec => ({
  ...envelope('trade', ts, mint, `trade:${mint}:${ts}.${n}`),
  trade: {
    dex: 'pumpswap',
    side: swap.side ?? 'buy',
    baseDecimals: 6,
    quoteDecimals: 9,
    baseAmount: String(Math.round((swap.tokens ?? 1) * 1e6)),
    // 38 digits are the most that an amount may have.
    quoteAmount: String(
      BigInt(Math.round(Math.min(1e37, (swap.tokens ?? 1) * (swap.price ?? 1) * 1e9))),
    ),
    ...(swap.price === undefined ? {} : { priceSol: swap.price }),
    ...(swap.usd === undefined ? {} : { volumeUsd: swap.usd }),
    ...(swap.wallet === undefined ? {} : { wallet: swap.wallet }),
  },
})
export interface Prices {
  open: number
  high: number
  low: number
  close: number
  volume: number
  trades?: number
}
/** The n-th five-minute candle after T0. */
export const candle = (n: number, prices: Prices, mint = 'CAT'): Rec => ({
  ...envelope(
    'candle',
    T0 + (n + 1) * 5 * MINUTE,
    mint,
    `candle:${mint}:5m:${T0 + n * 5 * MINUTE}`,
  ),
  candle: { intervalMs: 5 * MINUTE, openAt: T0 + n * 5 * MINUTE, currency: 'sol', ...prices },
})

export interface Setup extends Partial<OurOptions> {
  maxTokens?: number
}

/** What a step on the given sets is told when nothing is said of the rest; every line. */
export const optionsOf = (sets: readonly string[]) => ({
  sets,
  every: 0,
  ...defaultsOf(regimeFlags),
  ...defaultsOf(whaleSetFlags),
  smartWallets: undefined,
  garch: undefined,
  smartRanking: undefined,
  maxTokens: 1000,
  count: (): void => {},
})

/** A features step on the given sets, every line, and what it counted. */
export function makeStep(sets: readonly SetName[] = DEFAULT_SETS, more: Setup = {}) {
  const counts: Record<string, number> = {}
  const step = makeFeatures({
    ...optionsOf(sets),
    count: (what, by = 1) => {
      counts[what] = (counts[what] ?? 0) + by
    },
    ...more,
  })
  return { step, counts }
}

export const toLine = (rec: Rec): Line => {
  const raw = JSON.stringify(rec)
  return { raw, rec: JSON.parse(raw) as Rec, checked: undefined, no: 0 }
}

/** Text of every output line. */
export function run(recs: readonly Rec[], sets?: readonly SetName[], more: Setup = {}): string[] {
  const { step } = makeStep(sets, more)
  const out: string[] = []
  for (const rec of recs) step.line(toLine(rec), line => out.push(line.raw))
  return out
}

/** The set on each output line, where there is one. */
export const setsOf = (
  name: SetName,
  recs: readonly Rec[],
  more: Setup = {},
): (FeatureSet | undefined)[] =>
  run(recs, [name], more).map(raw => (JSON.parse(raw) as Rec).features?.[name])

/** Numbers of a tensor. */
export const floats = (data: string): Float32Array =>
  new Float32Array(new Uint8Array(Buffer.from(data, 'base64')).buffer)
