import type { Market } from '../records/market.ts'
import type { Token } from '../records/token.ts'

/** Thresholds of the gate rules; one flag each. */
export interface GateLimits {
  maxRugRisk: number
  minConfidence: number
  minCombined: number
  blockedRegimes: readonly string[]
  maxRugShare: number
  minLpBurnedShare: number
  minHolders: number
  maxTop10Share: number
  minTokenAgeMs: number
  minLiquidityUsd: number
  maxImpact: number
  maxAgeMs: number
  cooldownMs: number
  minTokenProfit: number
  profitWindowMs: number
  /** Absent = lines need no quality marks. */
  minQuality: number | undefined
}

/** Everything a gate rule may look at. Absent = unknown. */
export interface GateCase {
  limits: GateLimits
  /** Whether predictions are used at all, and whether there must be one. */
  ml: 'off' | 'optional' | 'required'
  /** Score of the model role. */
  modelScore: number | undefined
  /** Highest rug probability of any model. */
  rugRisk: number | undefined
  /** Weighted mean of the scores. */
  confidence: number | undefined
  token: Token | undefined
  market: Market | undefined
  regime: string | undefined
  /** Share of all pools that are being dumped; absent = the set `regime` is not computed. */
  rugShare: number | undefined
  /** Age of the newest price of the token. */
  ageMs: number | undefined
  tokenAgeMs: number | undefined
  /** Price impact of the planned size. */
  impact: number | undefined
  /** Time since the last buy decision on this token; absent = none yet. */
  sinceBuyMs: number | undefined
  /** Returns of own earlier buy decisions on this token; undefined = its prices are not known. */
  pastReturns: readonly (number | undefined)[]
  quality: number | undefined
}
