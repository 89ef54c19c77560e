import type { GateCase } from '../gate-case.ts'
import { atLeast, type Rule } from '../rule.ts'

/** A token held by a handful of wallets has nobody to sell to. */
export const holders: Rule<GateCase> = {
  name: 'holders',
  doc: 'holders number at least --min-holders',
  unit: 'count',
  judge: ({ token, limits }) => atLeast(token?.holderCount, limits.minHolders),
}
