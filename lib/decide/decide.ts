import type { Values } from '../base/flags.ts'
import { priceImpact } from '../market/constant-product.ts'
import type { Decision } from '../records/decision.ts'
import type { FeatureSet } from '../records/features.ts'
import { isPath } from '../records/opportunity.ts'
import type { Rec } from '../records/record.ts'
import type { Strategy } from '../records/strategy.ts'
import type { Split } from './arms.ts'
import { combine, MODEL, type SCORE_FLAGS, STRATEGY } from './combine.ts'
import type { GateCase, GateRule, Guesses } from './gate-case.ts'
import { judge } from './judge-rules.ts'
import { modelRole, pathRole, predictedOn, type Remembered, rugRole } from './roles.ts'
import type { Bound } from './rule-table.ts'
import { type SIZE_FLAGS, type Sizes, sizeFor, USUAL_CASH } from './sizing.ts'
import type { Facts } from './token-memory.ts'

type Scoring = Omit<Values<typeof SCORE_FLAGS>, 'mlWeight' | 'weights' | 'split'>

/** All that a decision depends on beside the record and the memory. */
export interface GatePlan extends Scoring, Values<typeof SIZE_FLAGS> {
  /** Sizes in what prices are in where that is not SOL; absent when nobody gave one. */
  inCash: Sizes | undefined
  weights: ReadonlyMap<string, number>
  split: Split | undefined
  rules: readonly Bound<GateRule>[]
  explain: boolean
  /** Hash of all that decides. */
  config: string
}

const WORDS = { buy: 'EXECUTE', sell: 'EXIT', hold: 'HOLD', drop: 'SKIP' } as const

/** Decides on one line, from the line, what is known of its token, and the plan. Pure. */
export function decide(rec: Rec, facts: Facts, plan: GatePlan): Decision {
  const strategies = strongest(rec.strategy)
  const seller = strategies.sell
  const isSilent = facts.models.size === 0 && rec.score === undefined && !isPath(rec)
  if (isSilent && strategies.buy === undefined && seller === undefined) return holdBy(plan)
  const view = lookAt(rec, facts, plan, strategies)
  const { combined, rug } = view
  if (seller !== undefined && seller.confidence >= plan.minSellConfidence)
    return {
      ...head('sell', seller.confidence, view),
      reasons: [],
      exit: 'strategy',
      config: plan.config,
    }
  if (combined.confidence === undefined) return holdBy(plan, rug)
  const sizes = isInSol(rec) ? plan : (plan.inCash ?? plan)
  const size = sizeFor(sizes, combined.confidence, strategies.buy?.sizeFactor)
  const { reasons, unknown, rules } = judge(plan.rules, caseOf(rec, facts, plan, view, size))
  const act = reasons.length > 0 ? 'drop' : 'buy'
  return {
    ...head(act, combined.confidence, view),
    ...(act === 'buy' && {
      sizeLamports: String(size),
      ...sizeCashOf(rec, plan),
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

const isInSol = ({ candle }: Rec): boolean => candle === undefined || candle.currency === 'sol'

/** Over candles that are not in SOL a size that nobody gave is a share of the cash. */
const sizeCashOf = (rec: Rec, { inCash }: GatePlan): Partial<Decision> =>
  inCash !== undefined || isInSol(rec) ? {} : { sizeCashLamports: String(USUAL_CASH) }

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
  if (plan.useMl)
    for (const [name, found] of facts.models)
      if (rec.ts - found.ts <= plan.maxAge) fresh.set(name, found)
  const own = plan.useMl && isPath(rec) ? predictedOn(rec) : undefined
  const model = own === undefined ? modelRole(fresh) : pathRole(own)
  for (const [name, found] of own ?? []) fresh.set(name, found)
  const rug = rugRole(fresh)
  const scores = new Map<string, number>()
  if (model.value !== undefined) scores.set(MODEL, model.value)
  if (strategies.buy !== undefined) scores.set(STRATEGY, strategies.buy.confidence)
  for (const name in rec.score) {
    const score = rec.score[name]
    if (score === undefined || name === MODEL || name === STRATEGY) continue
    if (Math.abs(rec.ts - score.at) <= plan.maxAge) scores.set(name, score.value)
  }
  const names = new Set([...model.models, ...rug.models])
  return {
    combined: combine(scores, plan.weights, plan.mlRequired),
    strategies,
    modelScore: model.value,
    rug: rug.value === undefined ? {} : { rugRisk: rug.value },
    guesses: [...names].map(name => guessesOf(fresh.get(name))),
    used: [...names].map(name => [name, fresh.get(name)?.id ?? ''] as const),
  }
}

const guessesOf = (model: Remembered | undefined): Guesses => ({
  count: model?.heads.imputed?.length,
  limit: model?.heads.maxImputed,
})

/** Unknown where one of them says nothing of its inputs, or there is none. */
function mostImputed(guesses: readonly Guesses[]): number | undefined {
  const most = Math.max(...guesses.map(({ count = Number.NaN }) => count))
  return Number.isFinite(most) ? most : undefined
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
    ts: rec.ts,
    line: rec as GateCase['line'],
    features: featuresNow(facts, rec.ts - plan.maxAge),
    strategies: rec.strategy,
    modelScore: view.modelScore,
    imputed: mostImputed(view.guesses),
    guesses: view.guesses,
    rugRisk: view.rug.rugRisk,
    confidence: view.combined.confidence,
    token,
    market,
    regime: facts.regime,
    rugShare: facts.rugShare,
    priceSol: facts.priceSol,
    ageMs: since(facts.priceTs, rec.ts),
    tokenAgeMs: since(token?.createdAt ?? market?.openAt, rec.ts),
    impact: reserves === undefined ? undefined : priceImpact(BigInt(reserves.quoteAmount), size),
    sinceBuyMs: since(facts.boughtTs, rec.ts),
    buys: facts.buys,
    quality: facts.quality,
  }
}

/** The feature sets of a token that were told at `from` or later. */
function featuresNow({ features }: Facts, from: number): GateCase['features'] {
  const now: Record<string, FeatureSet> = {}
  for (const [name, { ts, set }] of features) if (ts >= from) now[name] = set
  return now
}
