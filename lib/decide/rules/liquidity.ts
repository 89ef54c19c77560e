import type { GateCase } from '../gate-case.ts'
import { atLeast, type Rule } from '../rule.ts'

/** A position must be able to leave the way it came. */
export const liquidity: Rule<GateCase> = {
  name: 'liquidity',
  doc: 'liquidity of the pool is at least --min-liquidity-usd',
  unit: 'USD',
  judge: ({ market, limits }) => atLeast(market?.liquidityUsd, limits.minLiquidityUsd),
}
