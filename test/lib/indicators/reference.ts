/**
 * Every indicator again, windowed and slow, straight from its definition: no state is carried, each
 * value is computed from the whole history. Keyed by file name; `undefined` = not warm.
 */
import type { Bar } from '../../../lib/indicators/indicator.ts'

const sum = (xs: number[]): number => xs.reduce((a, b) => a + b, 0)
const mean = (xs: number[]): number => sum(xs) / xs.length
const sigma = (xs: number[]): number => Math.sqrt(mean(xs.map(x => (x - mean(xs)) ** 2)))
const last = <T>(xs: T[], n: number): T[] => xs.slice(-n)

/** Seeded with the mean of the first n, then weights (1 − k)^i written out. */
export function smoothed(xs: number[], n: number, k: number): number | undefined {
  if (xs.length < n) return undefined
  const rest = xs.slice(n)
  const m = rest.length
  return (
    mean(xs.slice(0, n)) * (1 - k) ** m + sum(rest.map((x, i) => x * k * (1 - k) ** (m - 1 - i)))
  )
}
export const ema = (xs: number[], n: number) => smoothed(xs, n, 2 / (n + 1))
export const wilder = (xs: number[], n: number) => smoothed(xs, n, 1 / n)

const closes = (bars: Bar[]): number[] => bars.map(bar => bar.close)
const moves = (xs: number[]): number[] => xs.slice(1).map((x, i) => x - xs[i]!)
const ranges = (bars: Bar[]): number[] =>
  bars.slice(1).map((bar, i) => {
    const before = bars[i]!.close
    return Math.max(bar.high, before) - Math.min(bar.low, before)
  })
const typical = (bars: Bar[]): number[] => bars.map(bar => (bar.high + bar.low + bar.close) / 3)

function rsi(bars: Bar[], n: number): number | undefined {
  const change = moves(closes(bars))
  const up = wilder(
    change.map(x => Math.max(x, 0)),
    n,
  )
  const down = wilder(
    change.map(x => Math.max(-x, 0)),
    n,
  )
  if (up === undefined || down === undefined) return undefined
  return up + down === 0 ? 50 : (100 * up) / (up + down)
}

export function macd(bars: Bar[]): { line: number | undefined; signal: number | undefined } {
  const at = (xs: number[]): number | undefined => {
    const slow = ema(xs, 26)
    return slow === undefined ? undefined : ema(xs.slice(14), 12)! - slow
  }
  const xs = closes(bars)
  const lines = xs.map((_, i) => at(xs.slice(0, i + 1))).filter(x => x !== undefined)
  return { line: at(xs), signal: ema(lines, 9) }
}

function fastK(bars: Bar[], n: number): number {
  const window = last(bars, n)
  const high = Math.max(...window.map(bar => bar.high))
  const low = Math.min(...window.map(bar => bar.low))
  return high === low ? 0 : (100 * (bars.at(-1)!.close - low)) / (high - low)
}
export function stochastic(bars: Bar[]): { k: number | undefined; d: number | undefined } {
  const k = (until: Bar[]): number | undefined =>
    until.length < 7
      ? undefined
      : mean([2, 1, 0].map(back => fastK(until.slice(0, until.length - back), 5)))
  const ks = [2, 1, 0].map(back => k(bars.slice(0, Math.max(0, bars.length - back))))
  return { k: k(bars), d: ks.includes(undefined) ? undefined : mean(ks as number[]) }
}

function mfi(bars: Bar[], n: number): number | undefined {
  if (bars.length < n + 1) return undefined
  const price = typical(bars)
  const flow = bars.map((bar, i) => price[i]! * bar.volume)
  const signs = moves(price)
  const of = (sign: number): number =>
    sum(last(flow.slice(1), n).filter((_, i) => sign === Math.sign(last(signs, n)[i]!)))
  return of(1) + of(-1) === 0 ? 50 : (100 * of(1)) / (of(1) + of(-1))
}

const from = (n: number, f: (bars: Bar[]) => number) => (bars: Bar[]) =>
  bars.length < n ? undefined : f(bars)

export const reference: Record<string, (bars: Bar[]) => number | undefined> = {
  sma: from(10, bars => mean(last(closes(bars), 10))),
  ema: bars => ema(closes(bars), 10),
  wilder: bars => wilder(closes(bars), 14),
  rsi: bars => rsi(bars, 14),
  macd: bars => macd(bars).line,
  bollinger: from(20, bars => mean(last(closes(bars), 20))),
  'true-range': from(2, bars => ranges(bars).at(-1)!),
  atr: bars => wilder(ranges(bars), 14),
  'rolling-sigma': from(5, bars => sigma(last(closes(bars), 5))),
  parkinson: from(10, bars =>
    Math.sqrt(mean(last(bars, 10).map(bar => Math.log(bar.high / bar.low) ** 2)) / (4 * Math.LN2)),
  ),
  roc: from(15, bars => 100 * (bars.at(-1)!.close / bars.at(-15)!.close - 1)),
  stochastic: bars => stochastic(bars).k,
  'williams-r': from(14, bars => {
    const high = Math.max(...last(bars, 14).map(bar => bar.high))
    return high === Math.min(...last(bars, 14).map(bar => bar.low)) ? 0 : fastK(bars, 14) - 100
  }),
  obv: from(
    1,
    bars =>
      bars[0]!.volume + sum(moves(closes(bars)).map((x, i) => Math.sign(x) * bars[i + 1]!.volume)),
  ),
  vpt: from(2, bars =>
    sum(moves(closes(bars)).map((x, i) => (x / bars[i]!.close) * bars[i + 1]!.volume)),
  ),
  mfi: bars => mfi(bars, 14),
  ewma: from(1, bars => closes(bars).reduce((m, x) => 0.94 * m + 0.06 * x)),
}
/** σ of the last n numbers, two passes. */
export const sigmaOf = sigma
