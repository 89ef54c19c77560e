import type { Alerts } from '../alerts/alerts-once.ts'

/** Predictions looked back on, how often they are judged, and how many there must be. */
const WINDOW = 1000
const EVERY = 100
/** Share of the limit below which it is over: at the limit itself alerts would come and go. */
const CALM = 0.8

/**
 * Watches the last 1000 predictions: an alert when their p95 or their share of errors passes its
 * limit.
 */
export function makeRecent(options: {
  alerts: Alerts
  latencyLimitMs: number
  errorLimit: number
}) {
  const { alerts, latencyLimitMs, errorLimit } = options
  const times = new Float64Array(WINDOW)
  const failed = new Uint8Array(WINDOW)
  let seen = 0

  const judge = (ts: number): void => {
    const width = Math.min(seen, WINDOW)
    const p95 = times.slice(0, width).sort()[Math.ceil(0.95 * width) - 1]!
    const share = failed.subarray(0, width).reduce((sum, x) => sum + x, 0) / width
    check(
      'latency',
      ts,
      p95,
      latencyLimitMs,
      `p95 ${Math.round(p95)} ms over the last ${width} predictions`,
    )
    check(
      'errors',
      ts,
      share,
      errorLimit,
      `${(share * 100).toFixed(1)} % of the last ${width} predictions have an error`,
    )
  }
  const check = (name: string, ts: number, value: number, limit: number, text: string): void => {
    if (value > limit) alerts.raise(name, ts, { severity: 'error', name, value, limit, text })
    else if (value <= CALM * limit) alerts.end(name)
  }
  return {
    /** One more prediction: how long its line waited, and whether it has an error. */
    add(ms: number, isError: boolean, ts: number): void {
      const slot = seen++ % WINDOW
      times[slot] = ms
      failed[slot] = isError ? 1 : 0
      if (seen % EVERY === 0) judge(ts)
    },
  }
}
