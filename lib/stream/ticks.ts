import type { Rec } from '../records/record.ts'
import type { EventTime } from './event-time.ts'
import { type Line, makeLine } from './line.ts'

/**
 * Time of the tick to put before a line, if one is due: the last multiple of `every` that data has
 * passed or reached since the line before. At most one per distinct time, none before the first
 * line (time has no past there), none while time runs backwards, none for a line whose time is not
 * believed. `every` 0 = no ticks.
 */
export function makeTicker(every: number, time?: EventTime): (rec: Rec) => number | undefined {
  let last: number | undefined
  return rec => {
    if (every === 0) return undefined
    const verdict = time?.judge(rec)
    if (verdict === 'back') last = undefined
    const { ts } = rec
    if (verdict === 'jump' || (last !== undefined && ts <= last)) return undefined
    const due = Math.floor(ts / every) * every
    const isDue = last !== undefined && due > last
    last = ts
    return isDue ? due : undefined
  }
}

/** A market-wide line that only carries time. */
export const tickOf = (ts: number): Rec => ({
  v: 1,
  id: `tick:${ts}`,
  ts,
  kind: 'tick',
  source: 'discover',
})
/** The same as a line. */
export const tickLine = (ts: number): Line => makeLine(tickOf(ts))
