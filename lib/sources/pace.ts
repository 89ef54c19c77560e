import { wallClock } from '../base/clock.ts'
import type { Line } from '../stream/line.ts'
import { realTime } from './net/timing.ts'

/** A wait that ends early when the signal fires. */
type Sleep = (ms: number, signal: AbortSignal) => Promise<void>

/** Seconds of event time per second, and the event time to begin at (default: the first line's). */
interface Pace {
  speed: number
  from?: number | undefined
}

/**
 * Hands lines over at the pace of their event time. Time that runs backwards waits for nothing, and
 * neither does what lies before the beginning.
 */
export async function* paced(
  batches: AsyncIterable<Line[]>,
  { speed, from: origin }: Pace,
  signal: AbortSignal,
  now: () => number = wallClock.monotonic,
  sleep: Sleep = realTime.sleep,
): AsyncGenerator<Line[]> {
  const startedAt = now()
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
