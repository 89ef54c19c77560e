import type { Outcome } from '../records/prediction.ts'
import type { Rec } from '../records/record.ts'
import { journalDir, listDays } from '../store/journal/days.ts'
import { lastLines } from '../store/journal/tail.ts'

const NEWEST_BYTES = 16 * 2 ** 20

/**
 * Outcomes in the end of a journal of labels, its last two days; none when there is no such journal
 * yet.
 */
export function newestOutcomes(home: string, journal: string): Outcome[] {
  const days = listDays(journalDir(home, journal)).filter(day => !day.isArchive)
  const outcomes: Outcome[] = []
  for (const day of days.slice(-2)) {
    for (const [raw] of lastLines(day.path, NEWEST_BYTES)) {
      const outcome = (JSON.parse(raw) as Rec).label?.outcome
      if (outcome !== undefined) outcomes.push(outcome)
    }
  }
  return outcomes
}
