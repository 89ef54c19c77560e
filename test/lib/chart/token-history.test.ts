import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenChart } from '../../../lib/chart/token-chart.ts'
import { type ChartSeries, makeTokenHistory } from '../../../lib/chart/token-history.ts'
import type { Rec } from '../../../lib/records/record.ts'

const MINUTE = 60_000
const candle = (i: number, more: Partial<Rec> = {}, indicators?: Record<string, number>): Rec => ({
  v: 1,
  id: `candle:P:1m:${i}`,
  ts: (i + 1) * MINUTE,
  kind: 'candle',
  mint: 'M',
  pool: 'P',
  source: 'test',
  candle: {
    intervalMs: MINUTE,
    openAt: i * MINUTE,
    open: 1,
    high: 2,
    low: 1,
    close: 1 + (i % 2),
    volume: 5,
    currency: 'sol',
  },
  ...(indicators === undefined
    ? {}
    : { features: { sequence: { hash: 'h', ready: true, indicators } } }),
  ...more,
})
const market = (regime: string): Rec => ({
  v: 1,
  id: 'market:P:1',
  ts: 0,
  kind: 'market',
  mint: 'M',
  pool: 'P',
  source: 'test',
  features: { pool: { hash: 'h', ready: true, regime } },
})
const collected = (recs: Rec[], most = 100): ChartSeries | undefined => {
  const history = makeTokenHistory('M', most)
  for (const rec of recs) history.see(rec)
  return history.longest()
}

test('the longest series of the token, its last bars, each bar once', () => {
  const recs = [0, 1, 2, 2, 1, 3].map(i => candle(i))
  recs.push(candle(9, { mint: 'OTHER' }), candle(0, { pool: 'Q' }))
  const series = collected(recs, 3)
  assert.equal(series?.pool, 'P')
  assert.deepEqual(
    series?.bars.map(bar => bar.candle.openAt / MINUTE),
    [1, 2, 3],
  )
})

test('bands are the recorded width around the mean of 20 closes', () => {
  const series = collected(Array.from({ length: 21 }, (_, i) => candle(i, {}, { bbWidth: 0.4 })))
  assert.equal(series?.bars[18]?.bands, undefined)
  // 20 closes, half of them 1 and half 2: mean 1.5, and 0.4 · 1.5 between the bands.
  const { middle, low, high } = series?.bars[19]?.bands ?? { middle: 0, low: 0, high: 0 }
  assert.deepEqual(
    [middle, low, high].map(x => Number(x.toFixed(12))),
    [1.5, 1.2, 1.8],
  )
})

test('snapshots count for the bar that was open, and where none was nothing is drawn', () => {
  const series = collected([
    market('steady-climb'),
    market('steady-climb'),
    market('rug-dump'),
    candle(0),
    candle(1),
  ])!
  assert.deepEqual(
    [...(series.bars[0]?.regimes ?? [])],
    [
      ['steady-climb', 2],
      ['rug-dump', 1],
    ],
  )
  assert.equal(series.bars[1]?.regimes.size, 0)
  const panel = tokenChart('M', series, false).panels.at(-1)
  assert.equal(panel?.title, 'Regime')
  assert.deepEqual(
    panel?.series.map(each => (each.kind === 'bars' ? each.bars.length : 0)),
    [2],
  )
  const without = tokenChart('M', collected([candle(0)])!, false)
  assert.ok(!without.panels.some(each => each.title === 'Regime'))
})
