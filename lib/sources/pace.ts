import { wallClock } from '../base/clock.ts'
import type { Line } from '../stream/line.ts'
import { realTime } from './net/timing.ts'

/** A wait that ends early when the signal fires. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>

/**
 * Hands lines over at the pace of their event time: `speed` seconds of event time per second. Time
 * that runs backwards waits for nothing. The first line leaves at once and sets the origin.
 */
export async function* paced(
  batches: AsyncIterable<Line[]>,
  speed: number,
  signal: AbortSignal,
  now: () => number = wallClock.monotonic,
  sleep: Sleep = realTime.sleep,
): AsyncGenerator<Line[]> {
  const startedAt = now()
  let origin: number | undefined
  for await (const batch of batches) {
    for (let from = 0; from < batch.length; ) {
      const { ts } = batch[from]!.rec
      origin ??= ts
      const wait = startedAt + (ts - origin) / speed - now()
      if (wait >= 1) await sleep(wait, signal)
      if (signal.aborted) return
      const reached = origin + (now() - startedAt) * speed
      let to = from + 1
      while (to < batch.length && batch[to]!.rec.ts <= reached) to++
      yield batch.slice(from, to)
      from = to
    }
  }
}
