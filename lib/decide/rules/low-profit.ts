import type { GateCase } from '../gate-case.ts'
import { atLeast, PASS, type Rule } from '../rule.ts'

/**
 * A token that has lost on the decisions before is the same token: after the cooldown it is still
 * not bought again.
 */
export const lowProfit: Rule<GateCase> = {
  name: 'low-profit',
  doc:
    'own buy decisions of the last --profit-window on this token returned at least ' +
    '--min-token-profit on average',
  unit: 'fraction',
  judge: ({ pastReturns, limits }) => {
    if (pastReturns.length === 0) return PASS
    const known = pastReturns.filter(each => each !== undefined)
    const mean = known.reduce((sum, each) => sum + each, 0) / known.length
    return atLeast(known.length < pastReturns.length ? undefined : mean, limits.minTokenProfit)
  },
}
