import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { makeCandleBuilder } from '../../../lib/market/candles.ts'
import { intervalName } from '../../../lib/market/interval-name.ts'
import { explain, fits } from '../../../lib/records/check.ts'
import type { Rec } from '../../../lib/records/record.ts'

const T0 = 1_763_684_700_000 // a multiple of five minutes
const MIN = 60_000

let serial = 0
/** A trade of `tokens` whole tokens (6 decimals) at a price. */
const trade = (at: number, priceSol: number, tokens = 1, more: Partial<Rec> = {}): Rec => ({
  v: 1,
  id: `trade:sig${serial++}:0`,
  ts: T0 + at,
  kind: 'trade',
  mint: 'CAT',
  pool: 'P1',
  source: 'pumpswap',
  trade: {
    dex: 'pumpswap',
    side: 'buy',
    baseDecimals: 6,
    baseAmount: String(Math.round(tokens * 1e6)),
    quoteAmount: '1',
    priceSol,
  },
  ...more,
})
const market = (at: number, priceSol: number, baseAmount: string): Rec => ({
  v: 1,
  id: `market:P1:${T0 + at}`,
  ts: T0 + at,
  kind: 'market',
  mint: 'CAT',
  pool: 'P1',
  source: 'pumpswap',
  market: {
    dex: 'pumpswap',
    baseDecimals: 6,
    quoteDecimals: 9,
    baseAmount,
    quoteAmount: '1',
    priceSol,
  },
})
const tick = (at: number): Rec => ({
  v: 1,
  id: `tick:${T0 + at}`,
  ts: T0 + at,
  kind: 'tick',
  source: 'discover',
})

function build(recs: Rec[], maxFill = 3, intervalMs = 5 * MIN) {
  const builder = makeCandleBuilder({ intervalMs, maxFill })
  const out: Rec[] = []
  for (const rec of recs) builder.push(rec, bar => out.push(bar))
  return { out, counts: builder.counts }
}
const brief = (rec: Rec) => {
  const { openAt, open, high, low, close, volume, trades, filled } = rec.candle!
  return [(openAt - T0) / MIN, open, high, low, close, volume, trades, filled]
}

test('trades become one closed bar with envelope, id and fields as the records say', () => {
  const { out } = build([
    trade(0, 5, 10),
    trade(MIN, 7, 20),
    trade(2 * MIN, 4, 30),
    trade(4 * MIN, 6, 40),
    tick(5 * MIN),
  ])
  assert.deepEqual(out, [
    {
      v: 1,
      id: `candle:P1:5m:${T0}`,
      ts: T0 + 5 * MIN,
      kind: 'candle',
      mint: 'CAT',
      pool: 'P1',
      source: 'pumpswap',
      candle: {
        intervalMs: 5 * MIN,
        openAt: T0,
        open: 5,
        high: 7,
        low: 4,
        close: 6,
        volume: 100,
        currency: 'sol',
        trades: 4,
        filled: false,
      },
    },
  ])
  if (!fits('candle', out[0]?.candle)) explain('candle', out[0]?.candle)
})

test('an open bar is never emitted, and one at the very end opens the next', () => {
  assert.deepEqual(build([trade(0, 5), trade(5 * MIN - 1, 6), tick(5 * MIN - 1)]).out, [])
  assert.deepEqual(build([trade(0, 5), trade(5 * MIN, 9)]).out.map(brief), [
    [0, 5, 5, 5, 5, 1, 1, false],
  ])
})

test('intervals without a trade are flat, volume 0, counted; a long gap pauses the series', () => {
  const { out, counts } = build([
    trade(0, 5),
    trade(15 * MIN, 8),
    trade(60 * MIN, 2),
    tick(65 * MIN),
  ])
  assert.deepEqual(out.map(brief), [
    [0, 5, 5, 5, 5, 1, 1, false],
    [5, 5, 5, 5, 5, 0, 0, true],
    [10, 5, 5, 5, 5, 0, 0, true],
    [15, 8, 8, 8, 8, 1, 1, false],
    [20, 8, 8, 8, 8, 0, 0, true],
    [25, 8, 8, 8, 8, 0, 0, true],
    [30, 8, 8, 8, 8, 0, 0, true],
    [60, 2, 2, 2, 2, 1, 1, false],
  ])
  assert.deepEqual([counts.bars, counts.filled, counts.pauses], [8, 5, 1])
})

test('a trade out of order inside the open bar moves open or close only as its time says', () => {
  const { out } = build([
    trade(2 * MIN, 5),
    trade(MIN, 9),
    trade(3 * MIN, 6),
    trade(2 * MIN, 1),
    tick(5 * MIN),
  ])
  assert.deepEqual(out.map(brief), [[0, 9, 9, 1, 6, 4, 4, false]])
})

test('late trades, duplicates, prices of 0 and impossible numbers change nothing', () => {
  const twice = trade(6 * MIN, 3)
  const absurd = [
    trade(7 * MIN, 0),
    trade(7 * MIN, 1e300),
    trade(7 * MIN, 3, 1, {
      trade: { ...twice.trade, baseAmount: '9'.repeat(38) } as NonNullable<Rec['trade']>,
    }),
  ]
  const { out, counts } = build([
    trade(0, 5),
    twice,
    twice,
    trade(MIN, 99),
    ...absurd,
    tick(10 * MIN),
  ])
  assert.deepEqual(out.map(brief), [
    [0, 5, 5, 5, 5, 1, 1, false],
    [5, 3, 3, 3, 3, 1, 1, false],
  ])
  assert.deepEqual([counts.late, counts.duplicates, counts.unusable], [1, 1, 3])
})

test(
  'snapshots: volume is what left or entered the token reserve; trades take over when there ' +
    'are any',
  () => {
    const { out } = build([
      market(0, 5, '100000000'),
      market(MIN, 6, '90000000'),
      market(2 * MIN, 4, '95000000'),
      tick(5 * MIN),
      market(6 * MIN, 4, '97000000'),
      trade(7 * MIN, 8, 3),
      market(8 * MIN, 1, '10000000'),
      tick(10 * MIN),
    ])
    assert.deepEqual(out.map(brief), [
      [0, 5, 6, 4, 4, 15, undefined, false],
      [5, 4, 8, 4, 8, 3, 1, false],
    ])
  },
)

test('a price in another currency than the series is not mixed in', () => {
  const usd = trade(MIN, 1)
  delete (usd.trade as { priceSol?: number }).priceSol
  ;(usd.trade as { volumeUsd?: number }).volumeUsd = 500
  const { out, counts } = build([trade(0, 5), usd, tick(5 * MIN)])
  assert.deepEqual(out.map(brief), [[0, 5, 5, 5, 5, 1, 1, false]])
  assert.equal(counts.unusable, 1)
})

test('one absurd time costs its own bars: the series restarts when the time comes back', () => {
  const { out, counts } = build([
    trade(0, 5),
    trade(9e12 - T0, 7),
    trade(6 * MIN, 6),
    tick(10 * MIN),
  ])
  assert.deepEqual(
    out
      .filter(bar => bar.ts < T0 + 3_600_000)
      .map(brief)
      .at(-1),
    [5, 6, 6, 6, 6, 1, 1, false],
  )
  assert.deepEqual([counts.filled, counts.pauses, counts.restarts], [3, 1, 1])
})

test('warm lines close warm bars', () => {
  const { out } = build([
    trade(0, 5, 1, { warm: true }),
    trade(5 * MIN, 5, 1, { warm: true }),
    trade(10 * MIN, 5),
  ])
  assert.deepEqual(
    out.map(bar => bar.warm),
    [true, undefined],
  )
})

test('names of intervals', () => {
  const named = [1000, 15_000, MIN, 5 * MIN, 3_600_000, 86_400_000, 1500].map(intervalName)
  assert.deepEqual(named, ['1s', '15s', '1m', '5m', '1h', '1d', '1500ms'])
})

/** Trades in order of time, as gaps, prices and sizes. */
const streams = fc.array(
  fc.record({
    gap: fc.integer({ min: 0, max: 200_000 }),
    price: fc.integer({ min: 1, max: 1000 }),
    pool: fc.constantFrom('P1', 'P2'),
  }),
  { minLength: 1, maxLength: 60 },
)
function toTrades(steps: { gap: number; price: number; pool: string }[]): Rec[] {
  let at = 0
  return steps.map(step => trade((at += step.gap), step.price, 1, { pool: step.pool }))
}

test('every interval and order: bars are a group-by of the trades, without lookahead', () => {
  fc.assert(
    fc.property(streams, fc.constantFrom(1000, 60_000, 300_000), (steps, intervalMs) => {
      const trades = toTrades(steps)
      const { out, counts } = build(trades, 5, intervalMs)
      const traded = out.filter(bar => bar.candle?.filled === false)
      for (const bar of traded) {
        const { openAt, open, high, low, close, volume } = bar.candle!
        const inside = trades.filter(
          t => t.pool === bar.pool && t.ts >= openAt && t.ts < openAt + intervalMs,
        )
        const prices = inside.map(t => t.trade!.priceSol!)
        assert.deepEqual(
          [open, high, low, close, volume],
          [prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1), inside.length],
        )
      }
      const last = Object.fromEntries(trades.map(t => [t.pool, t.ts]))
      const closed = new Set(
        trades
          .filter(t => Math.floor(t.ts / intervalMs) < Math.floor(last[t.pool!]! / intervalMs))
          .map(t => `${t.pool} ${Math.floor(t.ts / intervalMs)}`),
      )
      assert.equal(traded.length, closed.size)
      assert.equal(out.length, counts.bars)
      for (const pool of ['P1', 'P2']) {
        const times = out.filter(bar => bar.pool === pool).map(bar => bar.ts)
        assert.deepEqual(
          times,
          [...new Set(times)].sort((a, b) => a - b),
        )
      }
      const cut = Math.floor(trades.length / 2)
      assert.deepEqual(
        build(trades.slice(0, cut), 5, intervalMs).out,
        out.slice(0, build(trades.slice(0, cut), 5, intervalMs).out.length),
      )
    }),
    { numRuns: 60 },
  )
})

test('candles of a token are the same whatever other tokens do in between', () => {
  fc.assert(
    fc.property(streams, steps => {
      const trades = toTrades(steps)
      const alone = build(trades.filter(t => t.pool === 'P2')).out
      assert.deepEqual(
        build(trades).out.filter(bar => bar.pool === 'P2'),
        alone,
      )
    }),
    { numRuns: 40 },
  )
})
