import type { GateCase } from '../gate-case.ts'
import { PASS, type Rule } from '../rule.ts'

/** Some states of a pool are never bought into. */
export const regime: Rule<GateCase> = {
  name: 'regime',
  doc: 'regime of the pool is not one of --blocked-regimes',
  unit: 'name',
  judge: ({ regime, limits }) => {
    if (limits.blockedRegimes.length === 0) return PASS
    if (regime === undefined) return { result: 'unknown' }
    return { result: limits.blockedRegimes.includes(regime) ? 'fail' : 'pass' }
  },
}
