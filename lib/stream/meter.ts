import { wallClock } from '../base/clock.ts'
import { makeHistogram } from './histogram.ts'

/** Counts and latencies of one step, for the closing summary on stderr. Never part of the data. */
export interface Meter {
  in: number
  out: number
  count(what: string, by?: number): void
  /** Puts any other figure into the summary. */
  note(what: string, value: string): void
  /** Milliseconds that a batch took from arrival to hand-over. */
  took(ms: number): void
  summary(name: string, refused: number): string
}

/** Starts to count; the rate is over the time since this call. */
export function makeMeter(): Meter {
  const counters = new Map<string, number>()
  const notes = new Map<string, string>()
  const latency = makeHistogram()
  const startedAt = wallClock.monotonic()
  return {
    in: 0,
    out: 0,
    count(what, by = 1) {
      counters.set(what, (counters.get(what) ?? 0) + by)
    },
    note: (what, value) => void notes.set(what, value),
    took: ms => latency.add(ms),
    summary(name, refused) {
      const seconds = Math.max((wallClock.monotonic() - startedAt) / 1000, 1e-3)
      const rows: [string, string][] = [
        ['in', String(this.in)],
        ['out', String(this.out)],
        ['rejected', String(refused)],
        ['lines/s', String(Math.round(Math.max(this.in, this.out) / seconds))],
      ]
      for (const q of latency.count() > 0 ? [0.5, 0.99] : [])
        rows.push([`p${q * 100}`, `${latency.quantile(q).toPrecision(2)}ms`])
      for (const [what, n] of [...counters].sort()) rows.push([what, String(n)])
      return `${name}: ${[...rows, ...notes].map(([key, value]) => `${key} ${value}`).join(' · ')}`
    },
  }
}
