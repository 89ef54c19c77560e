import type { GateCase } from '../gate-case.ts'
import { atLeast, type Rule } from '../rule.ts'

/** Liquidity that its owner can withdraw is liquidity for him alone. */
export const lpBurned: Rule<GateCase> = {
  name: 'lp-burned',
  doc: 'share of liquidity tokens burned or locked is at least --min-lp-burned',
  unit: 'fraction',
  judge: ({ token, limits }) => atLeast(token?.lpBurnedShare, limits.minLpBurnedShare),
}
