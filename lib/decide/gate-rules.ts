import type { GateCase } from './gate-case.ts'
import type { Rule } from './rule.ts'
import { age } from './rules/age.ts'
import { combined } from './rules/combined.ts'
import { confidence } from './rules/confidence.ts'
import { cooldown } from './rules/cooldown.ts'
import { freeze } from './rules/freeze.ts'
import { holders } from './rules/holders.ts'
import { impact } from './rules/impact.ts'
import { liquidity } from './rules/liquidity.ts'
import { lowProfit } from './rules/low-profit.ts'
import { lpBurned } from './rules/lp-burned.ts'
import { mint } from './rules/mint.ts'
import { quality } from './rules/quality.ts'
import { regime } from './rules/regime.ts'
import { rugRisk } from './rules/rug-risk.ts'
import { stale } from './rules/stale.ts'
import { top10 } from './rules/top10.ts'

/**
 * The rules of `gate`, in the order in which they are judged and reported. The only list of them.
 */
export const GATE_RULES: readonly Rule<GateCase>[] = [
  rugRisk,
  confidence,
  combined,
  regime,
  mint,
  freeze,
  lpBurned,
  holders,
  top10,
  age,
  liquidity,
  impact,
  stale,
  cooldown,
  lowProfit,
  quality,
]
