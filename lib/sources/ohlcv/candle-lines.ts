import { intervalName } from '../../market/interval-name.ts'
import type { Candle } from '../../records/candle.ts'
import type { Rec } from '../../records/record.ts'
import type { EventTime } from '../../stream/event-time.ts'
import type { Line } from '../../stream/line.ts'
import { makeTicker, tickOf } from '../../stream/ticks.ts'
import { factLines } from './bar-facts.ts'
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
  if (bar.isFilled) candle.filled = true
  const id = `candle:${mint}:${intervalName(intervalMs)}:${openAt}`
  return { v: 1, id, ts: openAt + intervalMs, kind: 'candle', mint, source: 'ohlcv', candle }
}

/** Where ticks stand. */
export interface Ticking {
  every: number
  time?: EventTime | undefined
}

/**
 * Bars in order → candle lines, what their rows say of the token before them, with a tick line
 * wherever their time, as far as `time` believes it, passes a multiple of `every` ms.
 */
export async function* candleLines(
  batches: AsyncIterable<Bar[]>,
  intervalOf: IntervalOf,
  { every, time }: Ticking,
  make: (rec: Rec) => Line,
): AsyncGenerator<Line[]> {
  const due = makeTicker(every, time)
  for await (const bars of batches) {
    let lines: Line[] = []
    for (const bar of bars) {
      const interval = intervalOf(bar.mint)
      const line = make(candleOf(bar, interval))
      const at = due(line.rec)
      if (at !== undefined) lines.push(make(tickOf(at)))
      for (const rec of factLines(bar, interval)) lines.push(make(rec))
      lines.push(line)
      if (lines.length < BATCH) continue
      yield lines
      lines = []
    }
    if (lines.length > 0) yield lines
  }
}
