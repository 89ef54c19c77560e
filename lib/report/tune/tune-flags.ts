import { choice, int, list, num, text, type Values } from '../../base/flags.ts'
import { SCORE_RULES } from '../../decide/gate-rules.ts'
import { outcomeFlags } from '../judging-flags.ts'

/** Flags of `tune`. */
export const tuneFlags = {
  on: list('labelled lines, also .gz; - for stdin', { value: 'FILE,…' }),
  rule: choice('rule to tune', SCORE_RULES.map(({ name }) => name).sort(), {
    default: 'combined',
  }),
  ...outcomeFlags,
  steps: int('thresholds from 0 to 1', { default: 21, min: 2, max: 1001 }),
  valid: num('share of the lines to look at', { default: 0.3, min: 0.01, max: 0.9 }),
  test: num('share of the lines, the latest, not to look at', {
    default: 0.2,
    min: 0.01,
    max: 0.9,
  }),
  seed: text('what intervals are drawn from', { default: 'tune' }),
  format: choice('how to write it', ['auto', 'text', 'ndjson'], { default: 'auto' }),
}
export type TuneFlags = Values<typeof tuneFlags>
