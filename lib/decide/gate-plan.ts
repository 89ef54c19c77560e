import { UsageError } from '../base/errors.ts'
import { combineDefaults, parseWeights } from './combine.ts'
import { configHash } from './config-hash.ts'
import type { GatePlan } from './decide.ts'
import { GATE_RULES } from './gate-rules.ts'
import type { Rule } from './rule.ts'

/** Values of the flags of `gate` that shape decisions. */
export interface GateFlags {
  useMl: boolean
  mlRequired: boolean
  minConfidence: number
  minCombined: number
  maxRugRisk: number
  mlWeight: number
  weights: readonly string[] | undefined
  minSellConfidence: number
  maxAge: number
  cooldown: number
  minTokenProfit: number
  profitWindow: number
  blockedRegimes: readonly string[]
  maxRugShare: number
  minLpBurned: number
  minHolders: number
  maxTop10: number
  minTokenAge: number
  minLiquidityUsd: number
  maxImpact: number
  minQuality: number | undefined
  without: readonly string[] | undefined
  size: bigint
  maxSize: bigint
  maxSlippageBps: number
  explain: boolean
}

/** The plan that the flags describe. Throws UsageError on an unknown rule or a malformed weight. */
export function gatePlan(flags: GateFlags): GatePlan {
  if (flags.mlRequired && !flags.useMl)
    throw new UsageError('--ml-required needs predictions: not with --no-use-ml')
  const plan = {
    limits: limitsOf(flags),
    ml: flags.useMl
      ? flags.mlRequired
        ? ('required' as const)
        : ('optional' as const)
      : ('off' as const),
    weights:
      flags.weights === undefined ? combineDefaults(flags.mlWeight) : parseWeights(flags.weights),
    maxAgeMs: flags.maxAge,
    minSellConfidence: flags.minSellConfidence,
    sizing: { base: flags.size, max: flags.maxSize },
    maxSlippageBps: flags.maxSlippageBps,
    rules: withoutRules(GATE_RULES, flags.without ?? []),
  }
  return { ...plan, explain: flags.explain, config: hashOf(plan) }
}

/**
 * What decides, and nothing else: how lines are read, kept or explained does not change the hash.
 */
const hashOf = ({
  limits,
  weights,
  sizing,
  rules,
  ...rest
}: Omit<GatePlan, 'explain' | 'config'>): string =>
  configHash({
    ...rest,
    ...limits,
    ...sizing,
    weights: [...weights],
    rules: rules.map(({ name }) => name),
  })

const limitsOf = (flags: GateFlags): GatePlan['limits'] => ({
  maxRugRisk: flags.maxRugRisk,
  minConfidence: flags.minConfidence,
  minCombined: flags.minCombined,
  blockedRegimes: flags.blockedRegimes,
  maxRugShare: flags.maxRugShare,
  minLpBurnedShare: flags.minLpBurned,
  minHolders: flags.minHolders,
  maxTop10Share: flags.maxTop10,
  minTokenAgeMs: flags.minTokenAge,
  minLiquidityUsd: flags.minLiquidityUsd,
  maxImpact: flags.maxImpact,
  maxAgeMs: flags.maxAge,
  cooldownMs: flags.cooldown,
  minTokenProfit: flags.minTokenProfit,
  profitWindowMs: flags.profitWindow,
  minQuality: flags.minQuality,
})

/** The rules left when some are switched off by name; an unknown name is a UsageError. */
export function withoutRules<Case>(
  rules: readonly Rule<Case>[],
  names: readonly string[],
): readonly Rule<Case>[] {
  for (const name of names)
    if (!rules.some(rule => rule.name === name))
      throw new UsageError(
        `--without: expected any of ${rules.map(rule => rule.name).join(', ')}, got ${name}`,
      )
  return rules.filter(rule => !names.includes(rule.name))
}
