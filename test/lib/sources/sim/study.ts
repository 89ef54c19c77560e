import type { Rec } from '../../../../lib/records/record.ts'
import type { SimOptions } from '../../../../lib/sources/sim/token/params.ts'
import { simulate } from '../../../../lib/sources/sim/world.ts'

export const OPTIONS: SimOptions = {
  seed: '1',
  days: 3,
  tokensPerHour: 2,
  candleMs: 300_000,
  snapshotMs: 10_000,
  tickMs: 10_000,
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
      if (track === undefined)
        tracks.set(rec.mint, (track = { bornAt: rec.ts, trades: [], markets: [], tokens: [] }))
      if (rec.kind === 'token') track.tokens.push(rec)
      if (rec.kind === 'market') track.markets.push(rec)
      if (rec.trade !== undefined)
        track.trades.push([rec.ts, rec.trade.priceSol!, rec.trade.side === 'buy' ? 1 : -1])
    }
  return tracks
}

const quantile = (xs: number[], q: number): number =>
  xs.toSorted((a, b) => a - b)[Math.floor(q * (xs.length - 1))]!

/**
 * Path statistics as the published ones are counted: tokens with at least one trade, born `oldMs`
 * before the end.
 */
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

export interface Anchor {
  mint: string
  at: number
  isRug: boolean
  /** Highest price of the next 15 minutes is 20 % up or more. */
  isPump: boolean
  values: Map<string, number>
}

/**
 * What is known of a token at a time, and what came of it. Undefined when there is nothing new of
 * it by then.
 */
export function anchorOf(mint: string, track: Track, at: number): Anchor | undefined {
  const markets = track.markets.filter(({ ts }) => ts <= at)
  const seen = markets.at(-1)
  if (seen === undefined || at - seen.ts > 900_000) return undefined
  const base = seen.market!.priceSol!
  const after = track.markets.filter(({ ts }) => ts > at && ts <= at + 86_400_000)
  const samePool = after.filter(({ pool }) => pool === seen.pool)
  const lowest = Math.min(
    ...track.trades.filter(([t]) => t > at && t <= at + 86_400_000).map(([, price]) => price),
  )
  const drained = Math.min(...samePool.map(({ market }) => market!.liquidityUsd!))
  const best = Math.max(
    ...track.trades.filter(([t]) => t > at && t <= at + 900_000).map(([, price]) => price),
  )
  const values = featuresOf(track, seen, at)
  return {
    mint,
    at,
    values,
    isPump: best >= 1.2 * base,
    isRug: lowest <= 0.2 * base || drained <= 0.1 * seen.market!.liquidityUsd!,
  }
}

function featuresOf(track: Track, seen: Rec, at: number): Map<string, number> {
  const { market } = seen
  const token = track.tokens.findLast(({ ts }) => ts <= at)?.token
  const values = new Map<string, number>()
  const set = (name: string, value: number | boolean | undefined): void => {
    if (value !== undefined && Number.isFinite(Number(value))) values.set(name, Number(value))
  }
  set('age', at - track.bornAt)
  set('liquidity', market!.liquidityUsd)
  set('marketCap', market!.marketCapUsd)
  set('onCurve', market!.dex === 'pumpfun')
  set('isPool', market!.dex === 'raydium-cpmm')
  for (const span of ['m5', 'h1', 'h24']) {
    const buys = market!.buys?.[span] ?? 0
    const sells = market!.sells?.[span] ?? 0
    set(`volume.${span}`, market!.volumeUsd?.[span])
    set(`trades.${span}`, buys + sells)
    set(`buyShare.${span}`, buys + sells > 0 ? buys / (buys + sells) : undefined)
    set(`priceChange.${span}`, market!.priceChange?.[span])
  }
  set('acceleration', (12 * (market!.volumeUsd?.m5 ?? 0)) / (1 + (market!.volumeUsd?.h1 ?? 0)))
  set('turnover', market!.volumeUsd!.h1! / market!.liquidityUsd!)
  for (const name of [
    'holderCount',
    'top10Share',
    'lpBurnedShare',
    'mintRevoked',
    'freezeRevoked',
    'hasSocials',
  ] as const)
    set(name, token?.[name])
  set(
    'tradesPerHolder',
    (market!.buys!.h1! + market!.sells!.h1!) / (token?.holderCount ?? Number.NaN),
  )
  const prices = track.trades.filter(([t]) => t <= at).map(([, price]) => price)
  set('drawdown', prices.length > 0 ? market!.priceSol! / Math.max(...prices) : undefined)
  return values
}

/** Area under the ROC curve by ranks (Mann–Whitney), ties count half. */
export function auc(scores: readonly number[], truths: readonly boolean[]): number {
  const order = scores.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]!)
  let rankSum = 0
  let positives = 0
  for (let i = 0; i < order.length; ) {
    let j = i
    while (j < order.length && scores[order[j]!] === scores[order[i]!]) j++
    for (let k = i; k < j; k++)
      if (truths[order[k]!]) {
        rankSum += (i + j + 1) / 2
        positives++
      }
    i = j
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (order.length - positives))
}

/**
 * Logistic regression by gradient descent on standardised values and missing flags; returns scores
 * for others.
 */
export function logistic(
  train: readonly Anchor[],
  test: readonly Anchor[],
  truth: (a: Anchor) => boolean,
): number[] {
  const names = [...new Set(train.flatMap(a => [...a.values.keys()]))].sort()
  const squash = (x: number): number => Math.sign(x) * Math.log1p(Math.abs(x))
  const scales = names.map(name => {
    const xs = train.filter(a => a.values.has(name)).map(a => squash(a.values.get(name)!))
    const mean = xs.reduce((s, x) => s + x, 0) / xs.length
    return { mean, sd: Math.sqrt(xs.reduce((s, x) => s + (x - mean) ** 2, 0) / xs.length) || 1 }
  })
  const row = (a: Anchor): number[] => [
    1,
    ...names.flatMap((name, i) =>
      a.values.has(name)
        ? [(squash(a.values.get(name)!) - scales[i]!.mean) / scales[i]!.sd, 0]
        : [0, 1],
    ),
  ]
  const rows = train.map(row)
  const weights = rows[0]!.map(() => 0)
  for (let step = 0; step < 600; step++) {
    const slope = weights.map(w => 0.02 * w)
    rows.forEach((x, i) => {
      const z = x.reduce((s, v, k) => s + v * weights[k]!, 0)
      const error = 1 / (1 + Math.exp(-z)) - (truth(train[i]!) ? 1 : 0)
      x.forEach((v, k) => {
        slope[k]! += (error * v) / rows.length
      })
    })
    slope.forEach((g, k) => {
      weights[k]! -= 0.3 * g
    })
  }
  return test.map(a => row(a).reduce((s, v, k) => s + v * weights[k]!, 0))
}
