import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataError } from '../../../../lib/base/errors.ts'
import { makeCandleBuilder } from '../../../../lib/market/candles.ts'
import { mostFlatBars } from '../../../../lib/market/flat-bars.ts'
import type { Rec } from '../../../../lib/records/record.ts'
import { fillGaps, type Gaps } from '../../../../lib/sources/ohlcv/gap-fill.ts'
import type { Bar } from '../../../../lib/sources/ohlcv/price-row.ts'

const FIVE = 300_000

/** A bar of one trade. */
const bar = (mint: string, n: number, price = 1): Bar => ({
  mint,
  currency: 'sol',
  openAt: n * FIVE,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: 1,
  trades: Number.NaN,
})

async function filled(bars: readonly Bar[], gaps: Gaps = 'fill', isOrdered = true) {
  const counts: Record<string, number> = {}
  const out: Bar[] = []
  async function* batches(): AsyncGenerator<Bar[]> {
    for (const each of bars) yield [each]
  }
  const count = (what: string, by = 1): void => void (counts[what] = (counts[what] ?? 0) + by)
  const options = { gaps, intervalOf: () => FIVE, isOrdered, count }
  for await (const batch of fillGaps(batches(), options)) out.push(...batch)
  const told = out.map(({ mint, openAt, close, isFilled }) =>
    [mint, openAt / FIVE, close, isFilled ? 'flat' : ''].join(' ').trim(),
  )
  return { told, counts }
}

test('missing bars are flat at the last close, in the order of their close', async () => {
  const { told, counts } = await filled([bar('A', 0, 3), bar('B', 0), bar('B', 1), bar('A', 3, 4)])
  assert.deepEqual(told, [
    'A 0 3',
    'B 0 1',
    'B 1 1',
    'A 1 3 flat',
    'A 2 3 flat',
    'B 2 1 flat',
    'A 3 4',
  ])
  assert.deepEqual(counts, { filled: 3 })
})

test('the same bars as the live builder makes of the same trades, pause included', async () => {
  const most = mostFlatBars(FIVE)
  for (const missing of [1, 20, most - 1, most, most + 1, 5 * most]) {
    const at = [0, 1, 2 + missing, 4 + missing]
    const live = makeCandleBuilder({ intervalMs: FIVE, maxFill: most })
    const made: string[] = []
    const emit = ({ candle }: Rec): void => {
      made.push(`A ${candle!.openAt / FIVE} ${candle!.close}${candle!.filled ? ' flat' : ''}`)
    }
    for (const n of at) {
      const trade = {
        side: 'buy',
        baseAmount: '1',
        quoteAmount: '1',
        priceSol: n + 1,
        baseDecimals: 0,
      }
      const line = { v: 1, id: `t${n}`, ts: n * FIVE, kind: 'trade', mint: 'A', source: 'x', trade }
      live.push(line as unknown as Rec, emit)
    }
    live.push({ v: 1, id: 'x', ts: (at[3]! + 1) * FIVE, kind: 'tick', source: 'x' } as Rec, emit)
    const { told } = await filled(at.map(n => bar('A', n, n + 1)))
    assert.deepEqual(told, made, `${missing} missing`)
  }
})

test('a gap can be kept or refused; without a common order each file fills its own', async () => {
  const bars = [bar('A', 0), bar('A', 2), bar('B', 0), bar('B', 2)]
  assert.deepEqual((await filled(bars, 'keep')).told, ['A 0 1', 'A 2 1', 'B 0 1', 'B 2 1'])
  await assert.rejects(filled(bars, 'refuse'), (error: unknown) => {
    assert.ok(error instanceof DataError)
    assert.match(error.message, /^1 bars of A are missing before 1970-01-01T00:10:00/)
    return true
  })
  const apart = await filled(bars, 'fill', false)
  assert.deepEqual(apart.told, ['A 0 1', 'A 1 1 flat', 'A 2 1', 'B 0 1', 'B 1 1 flat', 'B 2 1'])
})

test('a bar that comes twice is passed on and counted, whatever becomes of gaps', async () => {
  for (const gaps of ['fill', 'keep'] as const) {
    const { told, counts } = await filled([bar('A', 0), bar('A', 0, 2), bar('A', 1)], gaps)
    assert.deepEqual(told, ['A 0 1', 'A 0 2', 'A 1 1'])
    assert.deepEqual(counts, { 'repeated-bar': 1 })
  }
})
