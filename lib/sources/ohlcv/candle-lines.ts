import { intervalName } from '../../market/interval-name.ts'
import type { Candle } from '../../records/candle.ts'
import type { Rec } from '../../records/record.ts'
import type { Line } from '../../stream/line.ts'
import { makeTicker, tickOf } from '../../stream/ticks.ts'
import type { IntervalOf } from './bar-interval.ts'
import type { Bar } from './price-row.ts'

/** Lines handed on at once: few enough that what steps hang on them dies young. */
const BATCH = 256

/** A bar as a record. Known at its close, so that is its ts. */
function candleOf(bar: Bar, intervalMs: number): Rec {
  const { mint, openAt, open, high, low, close, volume, currency, trades } = bar
  const candle: Candle = { intervalMs, openAt, open, high, low, close, volume }
  if (currency !== undefined) candle.currency = currency
  if (!Number.isNaN(trades)) {
    candle.trades = trades
    candle.filled = trades === 0
  }
  const id = `candle:${mint}:${intervalName(intervalMs)}:${openAt}`
  return { v: 1, id, ts: openAt + intervalMs, kind: 'candle', mint, source: 'ohlcv', candle }
}

/**
 * Bars in order → candle lines, with a tick line wherever their time passes a multiple of `tick`
 * ms.
 */
export async function* candleLines(
  batches: AsyncIterable<Bar[]>,
  intervalOf: IntervalOf,
  tick: number,
  make: (rec: Rec) => Line,
): AsyncGenerator<Line[]> {
  const due = makeTicker(tick)
  for await (const bars of batches) {
    let lines: Line[] = []
    for (const bar of bars) {
      const intervalMs = intervalOf(bar.mint)
      const at = due(bar.openAt + intervalMs)
      if (at !== undefined) lines.push(make(tickOf(at)))
      lines.push(make(candleOf(bar, intervalMs)))
      if (lines.length < BATCH) continue
      yield lines
      lines = []
    }
    if (lines.length > 0) yield lines
  }
}
