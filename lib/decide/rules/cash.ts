import { holds, type Rule } from '../rule.ts'
import type { TradeCase } from '../trade-case.ts'

/** Cash is never promised twice, and enough stays to pay for the exits. */
export const cash: Rule<TradeCase> = {
  name: 'cash',
  doc: 'free cash covers size, fees, rent and --reserve',
  unit: 'boolean',
  judge: ({ need, free }) => holds(need <= free),
}
