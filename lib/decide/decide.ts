import { priceImpact } from '../market/constant-product.ts'
import type { Decision } from '../records/decision.ts'
import type { Rec } from '../records/record.ts'
import type { Strategy } from '../records/strategy.ts'
import { combine, MODEL, STRATEGY } from './combine.ts'
import type { GateCase, GateLimits } from './gate-case.ts'
import { judge } from './judge-rules.ts'
import { returnsSince } from './past-buys.ts'
import { modelRole, type Remembered, rugRole } from './roles.ts'
import type { Rule } from './rule.ts'
import { type Sizing, sizeFor } from './sizing.ts'
import type { Facts } from './token-memory.ts'

/** All that a decision depends on beside the record and the memory. */
export interface GatePlan {
  limits: GateLimits
  ml: GateCase['ml']
  weights: ReadonlyMap<string, number>
  /** Predictions and scores older than this do not count. */
  maxAgeMs: number
  minSellConfidence: number
  sizing: Sizing
  maxSlippageBps: number
  rules: readonly Rule<GateCase>[]
  explain: boolean
  /** Hash of all of the above. */
  config: string
}

const WORDS = { buy: 'EXECUTE', sell: 'EXIT', hold: 'HOLD', drop: 'SKIP' } as const

/** Decides on one line, from the line, what is known of its token, and the plan. Pure. */
export function decide(rec: Rec, facts: Facts, plan: GatePlan): Decision {
  const strategies = strongest(rec.strategy)
  const seller = strategies.sell
  const isSilent = facts.models.size === 0 && rec.score === undefined
  if (isSilent && strategies.buy === undefined && seller === undefined) return holdBy(plan)
  const view = lookAt(rec, facts, plan, strategies)
  const { combined, rug } = view
  if (seller !== undefined && seller.confidence >= plan.minSellConfidence)
    return {
      ...head('sell', seller.confidence, view),
      reasons: [],
      exit: 'model',
      config: plan.config,
    }
  if (combined.confidence === undefined) return holdBy(plan, rug)
  const size = sizeFor(plan.sizing, combined.confidence, strategies.buy?.sizeFactor)
  const { reasons, unknown, rules } = judge(plan.rules, caseOf(rec, facts, plan, view, size))
  const act = reasons.length > 0 ? 'drop' : 'buy'
  return {
    ...head(act, combined.confidence, view),
    ...(act === 'buy' && {
      sizeLamports: String(size),
      ...priceOf(facts),
      maxSlippageBps: plan.maxSlippageBps,
    }),
    reasons,
    unknown,
    ...(plan.explain && { rules }),
    ...(view.used.length > 0 && { used: Object.fromEntries(view.used) }),
    config: plan.config,
  }
}

const holdBy = ({ config }: GatePlan, rug: { rugRisk?: number } = {}): Decision => ({
  act: 'hold',
  recommendation: WORDS.hold,
  ...rug,
  reasons: [],
  config,
})

type View = ReturnType<typeof lookAt>

function lookAt(rec: Rec, facts: Facts, plan: GatePlan, strategies: ReturnType<typeof strongest>) {
  const fresh = new Map<string, Remembered>()
  if (plan.ml !== 'off')
    for (const [name, found] of facts.models)
      if (rec.ts - found.ts <= plan.maxAgeMs) fresh.set(name, found)
  const model = modelRole(fresh)
  const rug = rugRole(fresh)
  const scores = new Map<string, number>()
  if (model.value !== undefined) scores.set(MODEL, model.value)
  if (strategies.buy !== undefined) scores.set(STRATEGY, strategies.buy.confidence)
  for (const name in rec.score) {
    const score = rec.score[name]
    if (score === undefined || name === MODEL || name === STRATEGY) continue
    if (Math.abs(rec.ts - score.at) <= plan.maxAgeMs) scores.set(name, score.value)
  }
  const names = new Set([...model.models, ...rug.models])
  return {
    combined: combine(scores, plan.weights, plan.ml === 'required'),
    strategies,
    modelScore: model.value,
    rug: rug.value === undefined ? {} : { rugRisk: rug.value },
    used: [...names].map(name => [name, fresh.get(name)?.id ?? ''] as const),
  }
}

type Opinion = Strategy[string]

/** The surest strategy that says buy; the surest that says sell counts only when it is surer. */
function strongest(strategy: Strategy | undefined): {
  buy: Opinion | undefined
  sell: Opinion | undefined
} {
  let buy: Opinion | undefined
  let sell: Opinion | undefined
  for (const name in strategy) {
    const opinion = strategy[name]
    if (opinion?.signal === 'buy' && opinion.confidence > (buy?.confidence ?? -1)) buy = opinion
    if (opinion?.signal === 'sell' && opinion.confidence > (sell?.confidence ?? -1)) sell = opinion
  }
  return { buy, sell: (sell?.confidence ?? -1) > (buy?.confidence ?? -1) ? sell : undefined }
}

function head(act: Decision['act'], confidence: number, { combined, rug }: View) {
  const { scores, weights } = combined
  return { act, recommendation: WORDS[act], confidence, scores, weights, ...rug }
}

const priceOf = ({ priceSol }: Facts) => (priceSol === undefined ? {} : { priceSol })
const since = (then: number | undefined, now: number): number | undefined =>
  then === undefined ? undefined : now - then

function caseOf(rec: Rec, facts: Facts, plan: GatePlan, view: View, size: bigint): GateCase {
  const { token, market, reserves } = facts
  return {
    limits: plan.limits,
    ml: plan.ml,
    modelScore: view.modelScore,
    rugRisk: view.rug.rugRisk,
    confidence: view.combined.confidence,
    token,
    market,
    regime: facts.regime,
    rugShare: facts.rugShare,
    ageMs: since(facts.priceTs, rec.ts),
    tokenAgeMs: since(token?.createdAt ?? market?.openAt, rec.ts),
    impact: reserves === undefined ? undefined : priceImpact(BigInt(reserves.quoteAmount), size),
    sinceBuyMs: since(facts.boughtTs, rec.ts),
    pastReturns: returnsSince(facts.buys, rec.ts - plan.limits.profitWindowMs, facts.priceSol),
    quality: facts.quality,
  }
}
