import { wallClock } from '../base/clock.ts'
import type { EventTime } from '../stream/event-time.ts'
import type { Line } from '../stream/line.ts'
import { realTime } from './net/timing.ts'

/** A wait that ends early when the signal fires. */
type Sleep = (ms: number, signal: AbortSignal) => Promise<void>

/**
 * Seconds of event time per second, the event time to begin at (default: the first line's), and who
 * judges times (default: all are believed).
 */
interface Pace {
  speed: number
  from?: number | undefined
  time?: EventTime
}

/**
 * Hands lines over at the pace of their event time. Time that runs backwards waits for nothing, and
 * neither does what lies before the beginning, nor a line whose time is not believed. A gap that is
 * a jump is not waited for: the pace begins anew behind it.
 */
export async function* paced(
  batches: AsyncIterable<Line[]>,
  { speed, from: origin, time }: Pace,
  signal: AbortSignal,
  now: () => number = wallClock.monotonic,
  sleep: Sleep = realTime.sleep,
): AsyncGenerator<Line[]> {
  const startedAt = now()
  /** Event time that a line waits for; undefined for one that waits for none. */
  const dueOf = ({ rec }: Line): number | undefined => {
    const before = time?.now()
    if (time?.judge(rec) === 'jump') return undefined
    const isBehindGap = before !== undefined && Math.abs(rec.ts - before) > (time?.bound() ?? 0)
    if (isBehindGap) origin = rec.ts - (now() - startedAt) * speed
    return rec.ts
  }
  for await (const batch of batches) {
    let from = 0
    for (const [i, line] of batch.entries()) {
      const due = dueOf(line)
      origin ??= due
      const wait =
        due === undefined || origin === undefined ? 0 : startedAt + (due - origin) / speed - now()
      if (wait < 1) continue
      if (i > from) yield batch.slice(from, i)
      from = i
      await sleep(wait, signal)
      if (signal.aborted) return
    }
    yield batch.slice(from)
  }
}
