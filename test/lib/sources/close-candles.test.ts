import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CandleCounts } from '../../../lib/market/candles.ts'
import { withCandles } from '../../../lib/sources/close-candles.ts'
import { makeEventTime } from '../../../lib/stream/event-time.ts'
import { type Line, makeLine } from '../../../lib/stream/line.ts'

const trade = (ts: number, priceSol: number): Line =>
  makeLine({
    v: 1,
    id: `trade:s${ts}:0`,
    ts,
    kind: 'trade',
    mint: 'M',
    source: 'x',
    trade: {
      dex: 'x',
      side: 'buy',
      baseAmount: '1000000',
      quoteAmount: '1',
      baseDecimals: 6,
      priceSol,
    },
  })

test('a candle comes before the line that closed it; the lines stay as they are', async () => {
  const lines = [trade(0, 1), trade(30_000, 3), trade(70_000, 2), trade(200_000, 5)]
  async function* batches(): AsyncGenerator<Line[]> {
    yield lines.slice(0, 2)
    yield lines.slice(2)
  }
  const out: Line[] = []
  let counts: CandleCounts | undefined
  const time = makeEventTime(3_600_000)
  for await (const batch of withCandles(batches(), 60_000, time, made => (counts = made)))
    out.push(...batch)
  assert.deepEqual(
    out.map(({ rec }) => rec.id),
    [
      'trade:s0:0',
      'trade:s30000:0',
      'candle:M:1m:0',
      'trade:s70000:0',
      'candle:M:1m:60000',
      'candle:M:1m:120000',
      'trade:s200000:0',
    ],
  )
  const { open, high, low, close, volume, trades } = out[2]?.rec.candle ?? {}
  assert.deepEqual([open, high, low, close, volume, trades], [1, 3, 1, 3, 2, 2])
  assert.equal(out[5]?.rec.candle?.filled, true)
  assert.deepEqual(
    out.filter(({ rec }) => rec.kind === 'trade').map(({ raw }) => raw),
    lines.map(({ raw }) => raw),
  )
  assert.equal(counts?.bars, 3)
})

test('a trade of a wrong time closes no bar and is in none', async () => {
  const year = 31_536_000_000
  const right = [trade(0, 1), trade(30_000, 3), trade(70_000, 2), trade(130_000, 5)]
  const candlesOf = async (lines: Line[]): Promise<string[]> => {
    async function* batches(): AsyncGenerator<Line[]> {
      yield lines
    }
    const out: Line[] = []
    const time = makeEventTime(3_600_000)
    for await (const batch of withCandles(batches(), 60_000, time, () => {})) out.push(...batch)
    return out.filter(({ rec }) => rec.kind === 'candle').map(({ raw }) => raw)
  }
  const wrong = [...right.slice(0, 2), trade(year, 9), ...right.slice(2)]
  assert.deepEqual(await candlesOf(wrong), await candlesOf(right))
  assert.equal((await candlesOf(right)).length, 2)
  // The first one is wrong: the bar that it opened is forgotten once time is known.
  assert.deepEqual(await candlesOf([trade(year, 9), trade(1, 9), ...right]), await candlesOf(right))
})
