import { type CandleCounts, makeCandleBuilder } from '../market/candles.ts'
import { mostFlatBars } from '../market/flat-bars.ts'
import type { EventTime } from '../stream/event-time.ts'
import { type Line, makeLine } from '../stream/line.ts'

/**
 * Adds the candles that lines close, each before the line that closed it; a line whose time is not
 * believed closes none and is in none. `done` gets the counts at the end: bars, and what could not
 * be used.
 */
export async function* withCandles(
  batches: AsyncIterable<Line[]>,
  intervalMs: number,
  time: EventTime,
  done: (counts: CandleCounts) => void,
): AsyncGenerator<Line[]> {
  const builder = makeCandleBuilder({ intervalMs, maxFill: mostFlatBars(intervalMs) })
  for await (const batch of batches) {
    const out: Line[] = []
    for (const line of batch) {
      const verdict = time.judge(line.rec)
      if (verdict === 'back') builder.setBack(line.rec.ts)
      if (verdict !== 'jump') builder.push(line.rec, candle => out.push(makeLine(candle)))
      out.push(line)
    }
    yield out
  }
  done(builder.counts)
}
