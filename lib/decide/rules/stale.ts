import { atMost, type Rule } from '../rule.ts'

/** Old news: in gate the age of the newest price, in execute the age of the decision. */
export const stale: Rule<{ ageMs: number | undefined; limits: { maxAgeMs: number } }> = {
  name: 'stale',
  doc: 'what is acted on is at most --max-age old, in event time',
  unit: 'ms',
  judge: ({ ageMs, limits }) => atMost(ageMs, limits.maxAgeMs),
}
