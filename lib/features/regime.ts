import type { RegimeThresholds } from './family.ts'

export const REGIMES = ['rug-dump', 'moon-mission', 'steady-climb', 'sideways-chop'] as const
export type Regime = (typeof REGIMES)[number]

/**
 * What a pool is doing, judged by its last 10 snapshots; the first that applies. A rug-dump is known from its second
 * snapshot on, the others once there are 11 (`change10` is then a number); until then absent.
 */
export function regimeOf(
  change10: number | undefined,
  worstLiquidityChange: number | undefined,
  gains: number,
  limits: RegimeThresholds,
): Regime | undefined {
  if (worstLiquidityChange !== undefined && worstLiquidityChange <= limits.drain) return 'rug-dump'
  if (change10 === undefined) return undefined
  if (change10 <= limits.rugChange) return 'rug-dump'
  if (change10 >= limits.moonChange) return 'moon-mission'
  return change10 >= limits.climbChange && gains >= limits.climbGains ? 'steady-climb' : 'sideways-chop'
}
