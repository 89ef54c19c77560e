import type { Alert } from '../records/quality.ts'
import { makeJournal } from '../store/journal.ts'
import { makeLine } from '../stream/line.ts'

/** Journal that tools write their alerts to; `status` and the table alerts read it. */
export const ALERTS = 'alerts'

/** Appends an alert line to the journal `alerts`, on disk when it returns. The same id again is not written twice. */
export function raiseAlert(
  home: string,
  { id, ts, source, alert }: { id: string; ts: number; source: string; alert: Alert },
): void {
  const line = makeLine({ v: 1, id, ts, kind: 'alert', source, alert })
  const journal = makeJournal({ home, name: ALERTS, fsyncMs: 0, minFree: 0, recall: 1 << 20 })
  try {
    void journal.batch?.([line], () => undefined)
  } finally {
    void journal.close?.()
  }
}
