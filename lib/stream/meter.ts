import { wallClock } from '../clock.ts'

/** Counts and latencies of one step, for the closing summary on stderr. Never part of the data. */
export interface Meter {
  in: number
  out: number
  count(what: string, by?: number): void
  /** Milliseconds that a batch took from arrival to hand-over. */
  took(ms: number): void
  summary(name: string, refused: number): string
}

/** Upper edges in ms, 10 per decade from 10 µs to 100 s: quantiles within 13 %, in constant memory. */
const EDGES = Array.from({ length: 71 }, (_, i) => 10 ** (-2 + i / 10))

export function makeMeter(): Meter {
  const counters = new Map<string, number>()
  const buckets = new Uint32Array(EDGES.length + 1)
  const startedAt = wallClock.monotonic()
  let samples = 0

  const quantile = (q: number): number => {
    let left = Math.ceil(q * samples)
    for (let i = 0; i < buckets.length; i++) {
      left -= buckets[i] as number
      if (left <= 0) return EDGES[Math.min(i, EDGES.length - 1)] as number
    }
    return EDGES.at(-1) as number
  }
  return {
    in: 0,
    out: 0,
    count(what, by = 1) {
      counters.set(what, (counters.get(what) ?? 0) + by)
    },
    took(ms) {
      samples++
      const i = ms <= 0.01 ? 0 : Math.min(EDGES.length, Math.ceil((Math.log10(ms) + 2) * 10))
      buckets[i] = (buckets[i] as number) + 1
    },
    summary(name, refused) {
      const seconds = Math.max((wallClock.monotonic() - startedAt) / 1000, 1e-3)
      const rows: [string, string][] = [
        ['in', String(this.in)],
        ['out', String(this.out)],
        ['rejected', String(refused)],
        ['lines/s', String(Math.round(Math.max(this.in, this.out) / seconds))],
      ]
      if (samples > 0)
        rows.push(['p50', `${quantile(0.5).toPrecision(2)}ms`], ['p99', `${quantile(0.99).toPrecision(2)}ms`])
      for (const [what, n] of [...counters].sort()) rows.push([what, String(n)])
      return `${name}: ${rows.map(([key, value]) => `${key} ${value}`).join(' · ')}`
    },
  }
}
