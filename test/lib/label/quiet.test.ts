import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Label } from '../../../lib/records/label.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { type Line, makeLine } from '../../../lib/stream/line.ts'
import { anchor, HOUR, labels, MIN, market, T0, tick } from './stream.ts'

/** A market line of CAT whose pool holds so much SOL, or says another thing about itself. */
const pool = (at: number, priceSol: number, sol: number, more = {}, isAnchor = false): Line =>
  market(
    at,
    priceSol,
    { market: { dex: 'd', priceSol, quoteAmount: String(sol * 1e9), ...more } } as Partial<Rec>,
    isAnchor,
  )
/** A stream that is heard until after the hour. */
const heard = (from = 0): Line[] => Array.from({ length: 62 }, (_, i) => tick(from + i * MIN))
const of = (lines: readonly Line[], options = {}): Label | undefined =>
  labels(
    [...lines, ...heard()].sort((a, b) => a.rec.ts - b.rec.ts),
    { horizons: ['h1'], ...options },
  )[0]

// Bought at 1 with 0.1 SOL, last price 0.5 with 0.4 SOL in the pool: 0.05 SOL of tokens are sold
// into 0.4 SOL: 0.05·0.4/0.45 = 0.0444 SOL, so −55.56 % and not −50 %.
test('a quiet token is worth what its pool gives at the last price', () => {
  const lines = [pool(0, 1, 5, {}, true), pool(20 * MIN, 0.5, 0.4)]
  const last = of(lines)
  const change = Math.round((0.5 * (0.4 / 0.45) - 1) * 1e12) / 1e12
  assert.deepEqual(
    [last?.quiet, last?.censored, last?.reason, last?.return, last?.trough, last?.outcome],
    ['last', false, undefined, change, change, 'DECLINE'],
  )
  assert.deepEqual([last?.troughAt, last?.maxProfit, last?.rug], [T0 + HOUR, -0.5, false])
  assert.equal(of(lines, { quietSize: 0n })?.return, -0.5, 'nothing sold moves nothing')
  assert.equal(of(lines, { quietSize: 10n ** 12n })?.rug, true, 'much sold gets next to nothing')
})

test('--quiet loss is all of it, unknown is what it was, also with a reserve', () => {
  const lines = [pool(0, 1, 5, {}, true), pool(20 * MIN, 1.2, 5)]
  const loss = of(lines, { wentQuiet: 'loss' })
  assert.deepEqual(
    [loss?.quiet, loss?.censored, loss?.return, loss?.outcome, loss?.rug, loss?.peak],
    ['loss', false, -1, 'RUG', true, 0.2],
  )
  assert.equal(loss?.profitable, true, 'it could have been sold at +20 % before')
  const unknown = of(lines, { wentQuiet: 'unknown' })
  assert.deepEqual([unknown?.censored, unknown?.reason], [true, 'went-quiet'])
})

test('a token that never trades again is valued at the price of its anchor', () => {
  const last = of([pool(0, 1, 0.9, {}, true)])
  assert.deepEqual([last?.quiet, last?.return, last?.profitable], ['last', -0.1, false])
})

test('USD prices: half the liquidity is the reserve; SOL prices beside them convert it', () => {
  const usd = { priceSol: undefined, quoteAmount: undefined, priceUsd: 1, liquidityUsd: 160 }
  const inUsd = of([pool(0, 1, 0, usd, true)])
  assert.equal(inUsd?.return, -0.2, '20 USD sold into 80 USD')
  // 200 USD of liquidity, a SOL at 100 USD: 1 SOL of reserve.
  const both = { quoteAmount: undefined, priceUsd: 100, liquidityUsd: 200 }
  const inSol = of([pool(0, 1, 0, both, true)])
  assert.equal(inSol?.return, Math.round((1 / 1.1 - 1) * 1e12) / 1e12)
})

test('without a reserve, in a closed pool, or where the stream was silent, it is unknown', () => {
  const why = (lines: readonly Line[], options = {}) => {
    const label = of(lines, options)
    return [label?.quiet, label?.censored, label?.reason]
  }
  assert.deepEqual(why([anchor(0, 1), market(20 * MIN, 1)]), ['unknown', true, 'went-quiet'])
  assert.deepEqual(why([anchor(0, 1)]), ['unknown', true, 'no-prices'])
  const moved = [pool(0, 1, 5, {}, true), pool(20 * MIN, 1, 5, { isOpen: false })]
  assert.deepEqual(why(moved), ['unknown', true, 'went-quiet'], 'it may trade elsewhere')
  const lines = [pool(0, 1, 5, {}, true), pool(20 * MIN, 1, 5), pool(90 * MIN, 1, 5)]
  const [silent] = labels(lines, { horizons: ['h1'] })
  assert.deepEqual([silent?.quiet, silent?.reason], ['unknown', 'stream-silent'])
  const gap = makeLine({
    v: 1,
    id: 'gap:1',
    ts: T0 + 55 * MIN,
    kind: 'gap',
    source: 't',
    gap: { fromAt: T0 + 21 * MIN, untilAt: T0 + 55 * MIN, reason: 'socket' },
  } as Rec)
  assert.deepEqual(why([...lines.slice(0, 2), gap]), ['unknown', true, 'stream-silent'])
})

test('a stream of hourly bars is not silent between two of them', () => {
  const bar = (mint: string, hour: number, filled = false): Line => {
    const flat = { open: 1, high: 1, low: 1, close: 1, volume: filled ? 0 : 5, filled }
    return makeLine({
      v: 1,
      id: `${mint}:${hour}`,
      ts: T0 + hour * HOUR,
      kind: 'candle',
      mint,
      source: 't',
      candle: { intervalMs: HOUR, openAt: T0 + (hour - 1) * HOUR, currency: 'sol', ...flat },
      ...(hour === 0 && mint === 'QUIET' && { features: { x: { hash: 'h', ready: true } } }),
    } as Rec)
  }
  const hours = [0, 1, 2].flatMap(hour => [bar('OTHER', hour), bar('QUIET', hour, hour > 0)])
  const of = (wentQuiet: 'loss' | 'last'): Label | undefined =>
    labels(hours, { horizons: ['h1'], wentQuiet })[0]
  assert.deepEqual([of('loss')?.quiet, of('loss')?.return], ['loss', -1])
  // No pool is told, so that nothing says what the last price is worth.
  assert.deepEqual([of('last')?.quiet, of('last')?.reason], ['unknown', 'no-prices'])
})
