import assert from 'node:assert/strict'
import test from 'node:test'
import { SETS } from '../../../lib/features/sets.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { HOUR, SECOND, setsOf, T0, trade } from './lines.ts'

const path = (ts: number, more: Partial<Rec['opportunity']> = {}): Rec => ({
  v: 1,
  id: `opportunity:x:${ts}`,
  ts,
  kind: 'opportunity',
  mint: 'CAT',
  source: 'jupiter',
  opportunity: {
    path: [1, 2].map(n => ({
      dex: `d${n}`,
      inMint: 'S',
      outMint: 'CAT',
      inAmount: '1',
      outAmount: '1',
    })),
    inAmount: '1000',
    outAmount: '1004',
    feeLamports: '300',
    spread: 0.004,
    depthUsd: 2000,
    ...more,
  },
})

test('momentum, volume, depth, fees and volatility around a path, by hand', () => {
  // A trade of 2 tokens every second at a price of 100 + second, from second 0 to 400.
  const trades = Array.from({ length: 401 }, (_, s) =>
    trade(T0 + s * SECOND, { price: 100 + s, tokens: 2 }),
  )
  const before = path(T0 + 399.5 * SECOND, { depthUsd: 1000, feeLamports: '200' })
  trades.splice(400, 0, before)
  const values = setsOf('opportunity', [...trades, path(T0 + 400.5 * SECOND)]).at(-1)
    ?.values as Record<string, number>
  const near = (name: string, wanted: number): void =>
    assert.ok(
      Math.abs(values[name]! - wanted) < 1e-9 * Math.max(1, wanted),
      `${name}: ${values[name]} is not ${wanted}`,
    )
  // The last price before the second that holds 400.5 − 5 is that of second 394.
  near('momentum5s', 500 / 494 - 1)
  near('momentum15s', 500 / 484 - 1)
  near('momentum30s', 500 / 469 - 1)
  near('momentum1m', 500 / 439 - 1)
  near('momentum5m', 500 / 199 - 1)
  const value = (from: number, to: number): number => {
    let sum = 0
    for (let s = from; s <= to; s++) sum += 2 * (100 + s)
    return sum
  }
  // The second that runs is left out: 300 whole ones, 100…399, and 60, 340…399.
  near('volumeMa', value(100, 399) / 5)
  near('volumeRatio', value(340, 399) / (value(100, 399) / 5))
  near('vwapDistance', 500 / (value(100, 399) / (2 * 300)) - 1)
  assert.deepEqual(
    [values.depthUsd, values.depthRatio, values.spread, values.legs],
    [2000, 2, 0.004, 2],
  )
  near('feeTrend', 0.5)
  const returns = Array.from({ length: 30 }, (_, i) => Math.log((499 - 10 * i) / (489 - 10 * i)))
  const mean = returns.reduce((a, b) => a + b) / 30
  near('volatility', Math.sqrt(returns.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 30))
  assert.deepEqual(
    Object.keys(values),
    SETS.opportunity.features.map(feature => feature.name),
  )
})

test('without prices: not ready, and only what the path itself says', () => {
  const set = setsOf('opportunity', [path(T0 + 6 * HOUR)]).at(-1)
  assert.deepEqual([set?.ready, set?.reason], [false, 'needs a minute of prices'])
  assert.deepEqual(set?.values, {
    depthUsd: 2000,
    spread: 0.004,
    legs: 2,
    hourSin: 1,
    hourCos: Math.cos(Math.PI / 2),
  })
})
