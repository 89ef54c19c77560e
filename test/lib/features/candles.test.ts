import assert from 'node:assert/strict'
import test from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import type { Bar } from '../../../lib/indicators/indicator.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { ema, macd, reference, sigmaOf, stochastic } from '../indicators/reference.ts'
import { candle, floats, HOUR, MINUTE, market, run, setsOf, T0, token } from './lines.ts'

function bars(count: number, seed = 'bars'): Bar[] {
  const rng = makeRng(seed)
  let close = 4e-7
  return Array.from({ length: count }, () => {
    const open = close
    close *= Math.exp(0.02 * rng.normal())
    return {
      open,
      high: Math.max(open, close) * 1.01,
      low: Math.min(open, close) * 0.99,
      close,
      volume: Math.round(1e7 * rng.next()),
    }
  })
}
const candles = (list: Bar[], mint?: string): Rec[] => list.map((bar, i) => candle(i, bar, mint))
const near = (got: number | undefined, wanted: number | undefined, what: string): void =>
  assert.ok(
    got !== undefined &&
      wanted !== undefined &&
      Math.abs(got - wanted) <= 1e-9 * Math.abs(wanted) + 1e-22,
    `${what}: ${got} is not ${wanted}`,
  )

test('below 50 candles not ready, with the reason and no tensor', () => {
  const set = setsOf('sequence', candles(bars(49))).at(-1)
  assert.deepEqual(set, {
    hash: set?.hash,
    ready: false,
    bars: 49,
    reason: 'needs 50 candles, has 49',
  })
})

test('60 candles: 40 rows in front at the first open, volume 0, then the bars', () => {
  const list = bars(60)
  const set = setsOf('sequence', candles(list)).at(-1)
  assert.deepEqual(
    [set?.ready, set?.bars, set?.padded, set?.candles?.shape, set?.candles?.dtype],
    [true, 60, 40, [100, 5], 'f32'],
  )
  assert.equal(set?.candles?.data.length, 2668)
  const first = list[0]!
  const rows = [
    ...Array.from({ length: 40 }, () => [first.open, first.open, first.open, first.open, 0]),
    ...list.map(bar => [bar.open, bar.high, bar.low, bar.close, bar.volume]),
  ]
  assert.deepEqual(floats(set?.candles?.data as string), Float32Array.from(rows.flat()))
})

test('130 candles: the last 100, oldest first, none added', () => {
  const list = bars(130)
  const set = setsOf('sequence', candles(list)).at(-1)
  assert.deepEqual([set?.bars, set?.padded], [130, undefined])
  const rows = list.slice(30).flatMap(bar => [bar.open, bar.high, bar.low, bar.close, bar.volume])
  assert.deepEqual(floats(set?.candles?.data as string), Float32Array.from(rows))
})

test('indicators equal their definitions over the whole history', () => {
  const list = bars(120)
  const got = setsOf('sequence', candles(list)).at(-1)?.indicators as Record<string, number>
  const closes = list.map(bar => bar.close)
  const returns = closes.slice(1).map((close, i) => Math.log(close / closes[i]!))
  const last20 = closes.slice(-20)
  const { line, signal } = macd(list)
  const wanted: Record<string, number | undefined> = {
    rsi14: reference.rsi?.(list),
    macd: line,
    macdSignal: signal,
    macdHistogram: line! - signal!,
    ema12: ema(closes, 12),
    ema26: ema(closes, 26),
    bbWidth: (4 * sigmaOf(last20)) / (last20.reduce((a, b) => a + b) / 20),
    atr14: reference.atr?.(list),
    volatility20: sigmaOf(returns.slice(-20)) * Math.sqrt(20 / 19),
    parkinson20: Math.sqrt(
      list.slice(-20).reduce((sum, bar) => sum + Math.log(bar.high / bar.low) ** 2, 0) /
        (80 * Math.LN2),
    ),
    roc10: 100 * (closes.at(-1)! / closes.at(-11)! - 1),
    stochK: stochastic(list).k,
    stochD: stochastic(list).d,
    williamsR14: reference['williams-r']?.(list),
    obv: reference.obv?.(list),
    vpt: reference.vpt?.(list),
    mfi14: reference.mfi?.(list),
  }
  assert.deepEqual(Object.keys(got), Object.keys(wanted))
  for (const [name, value] of Object.entries(wanted)) near(got[name], value, name)
})

test('context and microstructure: from token and market lines, absent where unsaid', () => {
  const list = candles(bars(50))
  const bare = setsOf('sequence', list).at(-1)
  assert.deepEqual(bare?.context, {})
  assert.ok(!('spread' in (bare?.indicators ?? {})) && !('tradeSize' in (bare?.indicators ?? {})))
  const last = list.pop()!
  const price = last.candle!.open
  const told = [
    ...list,
    token(last.ts - 2, { createdAt: T0 - HOUR, holderCount: 412 }),
    market(last.ts - 1, {
      liquidityUsd: 23415.6,
      marketCapUsd: 56586.8,
      feeBps: 25,
      volumeUsd: { h24: 98213.4 },
    }),
    {
      ...last,
      candle: {
        ...last.candle,
        open: price,
        high: 3 * price,
        low: price,
        close: 2 * price,
        volume: 700,
        trades: 70,
      },
    } as Rec,
  ]
  const set = setsOf('sequence', told).at(-1)
  assert.deepEqual(set?.context, {
    liquidity: 23415.6,
    marketCap: 56586.8,
    holders: 412,
    ageHours: 1 + 250 / 60,
    volume24h: 98213.4,
  })
  // 25 bps each way; 700 tokens at (3 + 1 + 2)/3 = 2 opens in 70 trades.
  assert.equal(set?.indicators?.spread, 0.005)
  near(set?.indicators?.tradeSize, 20 * price, 'size of a trade')
  assert.equal(set?.indicators?.trades, 70)
})

test('price: 60 rows of 10, each as it was known at its close', () => {
  const list = bars(70)
  const sets = setsOf('price', candles(list))
  assert.deepEqual(sets[58]?.reason, 'needs 60 candles, has 59')
  const set = sets.at(-1)
  assert.deepEqual(set?.window?.shape, [60, 10])
  const rows = floats(set?.window?.data as string)
  const f32 = (x: number): number => Math.fround(x)
  for (const [row, at] of [
    [0, 10],
    [30, 40],
    [59, 69],
  ] as const) {
    const seen = list.slice(0, at + 1)
    const bar = seen.at(-1)!
    const got = rows.slice(row * 10, row * 10 + 10)
    const hour = (2 * Math.PI * (((at + 1) * 5) / 60)) / 24
    const { line, signal } = macd(seen)
    const mean20 = seen.slice(-20).reduce((sum, b) => sum + b.volume, 0) / 20
    const wanted = [
      bar.close / list[at - 1]!.close - 1,
      (bar.high - bar.low) / bar.close,
      at < 19 ? Number.NaN : bar.volume / mean20,
      (reference.rsi?.(seen) ?? Number.NaN) / 100,
      line === undefined || signal === undefined ? Number.NaN : (line - signal) / bar.close,
      at < 19
        ? Number.NaN
        : (4 * sigmaOf(seen.slice(-20).map(b => b.close))) /
          (seen.slice(-20).reduce((s, b) => s + b.close, 0) / 20),
      (reference.atr?.(seen) ?? Number.NaN) / bar.close,
      bar.close / list[at - 5]!.close - 1,
      Math.sin(hour),
      Math.cos(hour),
    ]
    wanted.forEach((x, column) => {
      const value = got[column]!
      if (Number.isNaN(x)) assert.ok(Number.isNaN(value), `row ${row} column ${column}`)
      else
        assert.ok(
          Math.abs(value - f32(x)) <= 1e-6 * Math.max(1e-3, Math.abs(x)),
          `row ${row} column ${column}: ${value} is not ${x}`,
        )
    })
  }
})

test('volatility: not ready with 59 returns; EWMA and GARCH by hand', () => {
  const short = setsOf('volatility', candles(bars(60))).at(-1)
  assert.deepEqual(
    [short?.ready, short?.bars, short?.reason],
    [false, 60, 'needs 100 returns, has 59'],
  )
  assert.equal(setsOf('volatility', candles(bars(101))).at(-1)?.ready, true)
  const closes = [1, Math.E, Math.E ** 3, Math.E ** 2.5].map(close => ({
    open: close,
    high: close,
    low: close,
    close,
    volume: 1,
  }))
  const garch = { mu: 0, omega: 0.1, alpha: 0.1, beta: 0.8 }
  const values = setsOf('volatility', candles(closes), { garch }).at(-1)?.values as Record<
    string,
    number
  >
  near(values.return, -0.5, 'return')
  // Squared returns 1, 4, .25: 1 → .94·1 + .06·4 = 1.18 → .94·1.18 + .06·.25 = 1.1242.
  near(values.ewmaSigma, Math.sqrt(1.1242), 'ewma')
  // h = .1 + .1·r² + .8·h from the long run .1/(1 − .9) = 1: 1 → 1.3 → 1.165 (the published vector
  // of this recursion).
  near(values.garchSigma, Math.sqrt(1.165), 'garch')
  assert.ok(!('garchSigma' in (setsOf('volatility', candles(closes)).at(-1)?.values ?? {})))
})

test('late, repeated, empty and absurd candles leave as they came and change nothing', () => {
  const list = candles(bars(60))
  const clean = run(list, ['sequence', 'price', 'volatility'])
  const at = (n: number): Rec => list[n]!
  const bad = (n: number, part: object): Rec => ({
    ...at(n),
    id: `${at(n).id}x`,
    candle: { ...at(n).candle, ...part } as never,
  })
  const extra = [
    at(30),
    at(5),
    bad(31, { low: 0 }),
    bad(31, { high: 1e300 }),
    bad(31, { high: 1e-9, low: 1e-6 }),
  ]
  const out = run(
    [...list.slice(0, 31), ...extra, ...list.slice(31)],
    ['sequence', 'price', 'volatility'],
  )
  assert.deepEqual(
    out.slice(31, 36),
    extra.map(rec => JSON.stringify(rec)),
  )
  assert.deepEqual([...out.slice(0, 31), ...out.slice(36)], clean)
})

test('pools and intervals of a token are series of their own', () => {
  const five = candles(bars(55, 'five'))
  const other = candles(bars(55, 'other')).map(rec => ({ ...rec, pool: 'other', id: `o${rec.id}` }))
  const minute = candles(bars(55, 'minute')).map(rec => ({
    ...rec,
    id: `m${rec.id}`,
    candle: { ...rec.candle, intervalMs: MINUTE } as never,
  }))
  const mixed = five.flatMap((rec, i) => [rec, other[i] as Rec, minute[i] as Rec])
  const out = run(mixed, ['sequence'])
  assert.deepEqual(
    out.filter((_, i) => i % 3 === 0),
    run(five, ['sequence']),
  )
  assert.deepEqual(
    out.filter((_, i) => i % 3 === 1),
    run(other, ['sequence']),
  )
})

test('a close far from the rest is no feature until the next traded bar agrees', () => {
  const list = bars(80)
  const plain = setsOf('sequence', candles(list)).at(-1)
  const at = (price: number) => ({ open: price, high: price, low: price, close: price, volume: 1 })
  const odd = [...list.slice(0, 70), at(1e-12), ...list.slice(70)]
  // The odd bar in between takes no place: the values are those of the 80 others.
  assert.deepEqual(setsOf('sequence', candles(odd)).at(-1)?.indicators, plain?.indicators)
  const fallen = [...list, at(1e-12), at(1.1e-12), at(1.2e-12)]
  const set = setsOf('sequence', candles(fallen)).at(-1)
  assert.equal(set?.bars, 82)
})

test('a bar that cannot be is no feature', () => {
  const list = bars(60)
  const { close, high } = list.at(-1)!
  const wrong = { open: close, high, low: close * 0.99, close: high * 1.5, volume: 1 }
  assert.equal(setsOf('sequence', candles([...list, wrong, list.at(-1)!])).at(-1)?.bars, 61)
})
