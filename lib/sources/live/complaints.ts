import { show } from '../../base/errors.ts'
import type { Complaints } from '../net/outside.ts'

/** Kinds of complaints that are said in full; all are counted. */
const MAX_KINDS = 200

/** Counts what was wrong with outside data, and says each kind once. */
export function makeComplaints(
  count: (what: string, by?: number) => void,
  warn: (text: string) => void,
): Complaints {
  const said = new Set<string>()
  const once = (text: string): void => {
    if (said.has(text) || said.size >= MAX_KINDS) return
    said.add(text)
    warn(text)
  }
  return {
    dropped(field) {
      count('fields dropped')
      once(`field dropped: ${show(field, 200)} (said once)`)
    },
    rejected(reason) {
      count('records rejected')
      once(`record rejected: ${show(reason, 200)} (said once)`)
    },
  }
}
