import type { Alert } from '../records/quality.ts'
import { makeJournal } from '../store/journal/journal.ts'
import { makeLine } from '../stream/line.ts'
import { makeAlertHook } from './alert-hook.ts'

/** Journal that tools write their alerts to; `status` and the table alerts read it. */
export const ALERTS = 'alerts'

/** Where an alert goes besides the journal: the program of the configuration, or stderr. */
export interface AlertTarget {
  home: string
  alertCommand: string | undefined
  stderr(line: string): void
}

/**
 * Appends an alert line to the journal `alerts`, on disk before it is told to anybody. The same id
 * again is not written twice.
 */
export async function raiseAlert(
  { home, alertCommand, stderr }: AlertTarget,
  { id, ts, source, alert }: { id: string; ts: number; source: string; alert: Alert },
): Promise<void> {
  const line = makeLine({ v: 1, id, ts, kind: 'alert', source, alert })
  const journal = makeJournal({ home, name: ALERTS, fsync: 0, minFree: 0, recall: 1 << 20 })
  try {
    await journal.batch?.([line], () => undefined)
  } finally {
    await journal.close?.()
  }
  const hook = makeAlertHook(alertCommand, stderr)
  hook.send(line.raw)
  await hook.flush()
}
