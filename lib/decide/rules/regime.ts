import type { GateCase } from '../gate-case.ts'
import { atMost, type Rule } from '../rule.ts'

/**
 * Some states of a pool are never bought into, and no pool is bought while too many of them are
 * being dumped.
 */
export const regime: Rule<GateCase> = {
  name: 'regime',
  doc:
    'regime of the pool is not one of --blocked-regimes, and at most --max-rug-share of all ' +
    'pools are being dumped',
  unit: 'fraction',
  judge: ({ regime, rugShare, limits }) => {
    const market = rugShare === undefined ? undefined : atMost(rugShare, limits.maxRugShare)
    if (market?.result === 'fail') return market
    if (limits.blockedRegimes.length === 0) return { result: 'pass' }
    if (regime === undefined) return { result: 'unknown' }
    return { result: limits.blockedRegimes.includes(regime) ? 'fail' : 'pass' }
  },
}
