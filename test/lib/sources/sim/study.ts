import type { Rec } from '../../../../lib/records/record.ts'
import type { SimOptions } from '../../../../lib/sources/sim/params.ts'
import { simulate } from '../../../../lib/sources/sim/world.ts'

export const OPTIONS: SimOptions = {
  ...{ seed: 1, days: 3, tokensPerHour: 2.2, candleMs: 300_000, snapshotMs: 10_000, tickMs: 10_000 },
  startAt: Date.UTC(2026, 0, 1),
}

/** Prices of one token over time, and what was known of it. */
export interface Track {
  bornAt: number
  /** Time, price in SOL, side (1 buy, −1 sell). */
  trades: [at: number, price: number, side: number][]
  markets: Rec[]
  tokens: Rec[]
}

export function tracksOf(options: SimOptions): Map<string, Track> {
  const tracks = new Map<string, Track>()
  for (const batch of simulate(options))
    for (const { rec } of batch) {
      if (rec.mint === undefined) continue
      let track = tracks.get(rec.mint)
      if (track === undefined) tracks.set(rec.mint, (track = { bornAt: rec.ts, trades: [], markets: [], tokens: [] }))
      if (rec.kind === 'token') track.tokens.push(rec)
      if (rec.kind === 'market') track.markets.push(rec)
      if (rec.trade !== undefined) track.trades.push([rec.ts, rec.trade.priceSol!, rec.trade.side === 'buy' ? 1 : -1])
    }
  return tracks
}

const quantile = (xs: number[], q: number): number => xs.toSorted((a, b) => a - b)[Math.floor(q * (xs.length - 1))]!

/** Path statistics as the published ones are counted: tokens with at least one trade, born `oldMs` before the end. */
export function pathsOf(tracks: Iterable<Track>, until: number) {
  const peaks: number[] = []
  const ends: number[] = []
  const peakHours: number[] = []
  let hours = 0
  let steps = 0
  let gaps = 0
  let idle = 0
  for (const { trades, bornAt } of tracks) {
    if (trades.length === 0 || bornAt > until) continue
    const prices = trades.map(([, price]) => price)
    const peak = Math.max(...prices)
    peaks.push(peak / prices[0]!)
    ends.push(prices.at(-1)! / peak)
    peakHours.push((trades[prices.indexOf(peak)]![0] - bornAt) / 3.6e6)
    const traded = [...new Set(trades.map(([at]) => Math.floor(at / 3.6e6)))]
    for (let i = 1; i < traded.length; i++) {
      steps++
      if (traded[i]! - traded[i - 1]! > 1) gaps++
    }
    hours += traded.at(-1)! - traded[0]! + 1
    idle += traded.at(-1)! - traded[0]! + 1 - traded.length
  }
  return {
    tokens: peaks.length,
    medianPeak: quantile(peaks, 0.5),
    peakQuartiles: [quantile(peaks, 0.25), quantile(peaks, 0.75)],
    belowTenth: ends.filter(x => x < 0.1).length / ends.length,
    peakHour: [0.25, 0.5, 0.75, 0.9].map(q => quantile(peakHours, q)),
    stepsWithGap: gaps / steps,
    idleHours: idle / hours,
  }
}
