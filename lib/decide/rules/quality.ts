import type { GateCase } from '../gate-case.ts'
import { atLeast, PASS, type Rule } from '../rule.ts'

/** Prices that look wrong are not traded on. Applies only where a minimum is asked for. */
export const quality: Rule<GateCase> = {
  name: 'quality',
  doc: 'data quality score is at least --min-quality (off unless given)',
  unit: 'points',
  judge: ({ quality, limits }) =>
    limits.minQuality === undefined ? PASS : atLeast(quality, limits.minQuality),
}
