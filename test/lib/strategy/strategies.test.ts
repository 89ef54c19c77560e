import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultsOf } from '../../../lib/base/flags.ts'
import { antiMartingale } from '../../../lib/strategy/anti-martingale.ts'
import type { Bar, Opinion, Strategy } from '../../../lib/strategy/bar-strategy.ts'
import { candlestick } from '../../../lib/strategy/candlestick.ts'
import { dca } from '../../../lib/strategy/dca.ts'
import { STRATEGIES } from '../../../lib/strategy/strategies.ts'
import { trendReversal } from '../../../lib/strategy/trend-reversal.ts'

const MINUTES = 300_000
type Ohlc = [open: number, high: number, low: number, close: number, volume?: number]
const run = (strategy: Strategy, series: readonly Ohlc[]): (Opinion | undefined)[] => {
  const { update } = strategy.make(defaultsOf(strategy.flags ?? {}))
  return series.map(([open, high, low, close, volume = 10], i): Opinion | undefined =>
    update({ open, high, low, close, volume } satisfies Bar, i * MINUTES),
  )
}
const last = (strategy: Strategy, series: readonly Ohlc[]) => run(strategy, series).at(-1)
/** Bars that go from one price to another in equal steps, shadows of 0.1 on both sides. */
const leg = (from: number, to: number, bars: number): Ohlc[] =>
  Array.from({ length: bars }, (_, i) => {
    const [open, close] = [from + ((to - from) * i) / bars, from + ((to - from) * (i + 1)) / bars]
    return [open, Math.max(open, close) + 0.1, Math.min(open, close) - 0.1, close]
  })

// Each step of these legs has a body of 1, so the usual body is 1 and a body of 2 has strength 1.
const falling = leg(120, 100, 20)
const rising = leg(100, 120, 20)
const shapes: [name: string, Ohlc[], signal: string, confidence: number][] = [
  // body 2.2 over the fall's last bar of 1: strength min(1, 2.2/2) = 1, confidence 0.55 + 0.3
  ['bullish-engulfing', [...falling, [100, 102.3, 99.9, 102.2]], 'buy', 0.85],
  ['bearish-engulfing', [...rising, [120, 120.1, 117.7, 117.8]], 'sell', 0.85],
  // lower shadow 2 = half of 4 usual bodies: 0.45 + 0.3 × 0.5
  ['hammer', [...falling, [100, 100.3, 98, 100.2]], 'buy', 0.6],
  ['shooting-star', [...rising, [120, 122, 119.7, 119.8]], 'sell', 0.6],
]
for (const [name, series, signal, confidence] of shapes)
  test(`candlestick: ${name}`, () => {
    const found = last(candlestick, series)
    assert.deepEqual(
      [found?.signal, found?.reasons, found?.confidence],
      [signal, [name], confidence],
    )
  })

test('candlestick: morning star, evening star, soldiers and crows', () => {
  // usual body falls to 0.88 after the small star: 1 + (2/15)(0.1 − 1); size of the last bar (1.5 /
  // 1.76) = 0.8523
  const star = last(candlestick, [...falling, [100, 100.2, 99.8, 99.9], [99.9, 101.5, 99.8, 101.4]])
  assert.ok(star?.reasons.includes('morning-star'), String(star?.reasons))
  assert.equal(star?.confidence, 0.9057) // 0.6 + 0.3 × 0.8523 + 0.05 for the engulfing beside it
  const evening = last(candlestick, [
    ...rising,
    [120, 120.2, 119.8, 120.1],
    [120.1, 120.2, 118.5, 118.6],
  ])
  assert.ok(evening?.reasons.includes('evening-star'))
  assert.equal(evening?.signal, 'sell')
  const soldiers = last(candlestick, rising)
  assert.deepEqual([soldiers?.signal, soldiers?.reasons], ['buy', ['three-white-soldiers']])
  assert.equal(last(candlestick, falling)?.signal, 'sell')
})

test('candlestick: volume above 1.5 × usual adds 0.05; no trend, no pattern', () => {
  assert.equal(last(candlestick, [...falling, [100, 102.3, 99.9, 102.2, 16]])?.confidence, 0.9)
  const flat = Array.from(
    { length: 20 },
    (_, i): Ohlc => (i % 2 ? [100, 101.1, 99.9, 101] : [101, 101.1, 99.9, 100]),
  )
  assert.equal(last(candlestick, [...flat, [101, 101.1, 98.7, 98.8]])?.signal, 'hold')
})

test('trend-reversal: a turn of 1.5 ranges after a leg of at least 4, said once', () => {
  // Ranges are 1.2 each: the fall of 20 is 16.7 ranges (0.55 + 0.25), 1.5 ranges = 1.8 above the
  // low needs two bars.
  const found = run(trendReversal, [...falling, ...leg(100, 104, 4)]).slice(20)
  assert.deepEqual(
    found.map(o => o?.signal),
    ['hold', 'buy', 'hold', 'hold'],
  )
  assert.deepEqual([found[1]?.confidence, found[1]?.reasons], [0.8, ['reversal-up']])
  const down = run(trendReversal, [...rising, ...leg(120, 116, 4)]).slice(20)
  assert.deepEqual(
    down.map(o => o?.signal),
    ['hold', 'sell', 'hold', 'hold'],
  )
  // A fall of 4 after a rise is 3.3 ranges: too short to be a leg.
  const short = run(trendReversal, [...rising, ...leg(120, 116, 4), ...leg(116, 120, 4)]).slice(24)
  assert.ok(short.every(o => o?.signal === 'hold'))
})

test('dca: hourly below the mean, surer the deeper, out of a collapse', () => {
  const flat = Array.from({ length: 48 }, (): Ohlc => [100, 100, 100, 100])
  // 10 % below a mean of 100: 0.5 + 1.5 × 0.1
  const found = run(dca, [...flat, [100, 100, 90, 90], [90, 90, 90, 90]])
  assert.equal(found[47], undefined)
  assert.deepEqual(found[48], { signal: 'buy', confidence: 0.65, reasons: ['discount'] })
  assert.equal(found[49]?.signal, 'hold')
  const dip = Array.from({ length: 14 }, (): Ohlc => [90, 90, 90, 90])
  const buys = run(dca, [...flat, ...dip]).map((o, i) => (o?.signal === 'buy' ? i : -1))
  assert.deepEqual(
    buys.filter(i => i >= 0),
    [48, 60],
  )
  assert.deepEqual(last(dca, [...flat, [100, 100, 50, 50]]), {
    signal: 'hold',
    confidence: 0,
    reasons: ['collapse'],
  })
  assert.equal(last(dca, [...flat, [100, 110, 100, 110]])?.signal, 'hold')
})

test('anti-martingale: the size grows with a row of wins and shrinks with losses', () => {
  const flat = Array.from({ length: 20 }, (): Ohlc => [100, 100, 100, 100])
  // +7 % per bar: each bar wins the paper trade of the bar before and breaks out again.
  const wins = [100, 107, 114.5, 122.6, 131.2, 140.4].map(
    (p, i, all): Ohlc => [all[i - 1] ?? 100, p, all[i - 1] ?? 100, p],
  )
  const found = run(antiMartingale, [...flat, ...wins]).slice(21)
  assert.deepEqual(
    found.map(o => [o?.signal, o?.confidence, o?.sizeFactor, o?.reasons[1]]),
    [
      ['buy', 0.5, 1, undefined],
      ['buy', 0.55, 1, 'streak-1'],
      ['buy', 0.6, 1.25, 'streak-2'],
      ['buy', 0.65, 1.5625, 'streak-3'],
      ['buy', 0.7, 1.9531, 'streak-4'],
    ],
  )
  // breakout at 101, stopped at 97.97 (low 97), breakout again at 102
  const lost = run(antiMartingale, [
    ...flat,
    [100, 101, 100, 101],
    [101, 101, 97, 97],
    [97, 102, 97, 102],
  ])
  assert.deepEqual([lost.at(-1)?.sizeFactor, lost.at(-1)?.reasons], [0.8, ['breakout', 'losses-1']])
})

test('every strategy keeps its opinions in bounds on flat, absurd and dead series', () => {
  const dead = Array.from({ length: 60 }, (): Ohlc => [0, 0, 0, 0, 0])
  const absurd = Array.from(
    { length: 60 },
    (_, i): Ohlc => [1e-300, 1e300, 0, i % 2 ? 1e300 : 1e-300, 1e300],
  )
  for (const strategy of STRATEGIES)
    for (const series of [dead, absurd])
      for (const opinion of run(strategy, series)) {
        if (opinion === undefined) continue
        assert.ok(opinion.confidence >= 0 && opinion.confidence <= 0.95, strategy.name)
        assert.ok(
          opinion.sizeFactor === undefined ||
            (opinion.sizeFactor >= 0.5 && opinion.sizeFactor <= 2),
        )
      }
})
