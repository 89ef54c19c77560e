import type { Alert } from '../records/quality.ts'
import { makeLine } from '../stream/line.ts'

/** Raises alerts about conditions that last without repeating itself. */
export interface Alerts {
  /**
   * Tells of `key` unless that was told within the last ten minutes of event time and has not ended
   * since.
   */
  raise(key: string, ts: number, alert: Alert): void
  /** The condition has ended: the next time it is news again. */
  end(key: string): void
}

const AGAIN_MS = 600_000

/** Alert lines of one command, `id` = `alert:<source>:<key>:<ts>`. */
export function makeAlerts(source: string, send: (line: string) => void): Alerts {
  const told = new Map<string, number>()
  return {
    raise(key, ts, alert) {
      const last = told.get(key)
      if (last !== undefined && Math.abs(ts - last) < AGAIN_MS) return
      told.set(key, ts)
      const text = alert.text.replace(/\p{Cc}/gu, ' ').slice(0, 500)
      send(
        makeLine({
          v: 1,
          id: `alert:${source}:${key}:${ts}`,
          ts,
          kind: 'alert',
          source,
          alert: { ...alert, text },
        }).raw,
      )
    },
    end: key => void told.delete(key),
  }
}
