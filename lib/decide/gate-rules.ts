import { duration, int, intOrAuto, list, num } from '../base/flags.ts'
import { SCORE_FLAGS } from './combine.ts'
import { type GateRule, type Guesses, gateRule } from './gate-case.ts'
import { returnsSince } from './past-buys.ts'
import { atLeast, atMost, holds, PASS, type Verdict } from './rule.ts'

const fraction = { min: 0, max: 1 } as const
const { useMl, mlRequired, maxAge } = SCORE_FLAGS

/**
 * The rules of `gate`, in the order in which they are judged and reported. The only list of them:
 * flags, `--without`, limits, config hash, help and reference follow from it.
 */
export const GATE_RULES = [
  // No model may see a rug coming.
  gateRule({
    name: 'rug-risk',
    doc: 'highest rug probability of any model is at most --max-rug-risk',
    unit: 'fraction',
    unknown: 'no model tells a rug probability; with --no-use-ml it does not apply',
    flags: {
      useMl,
      maxRugRisk: num('highest rug probability', {
        default: 0.3,
        env: 'ML_MAX_RUG_RISK',
        ...fraction,
      }),
    },
    score: { of: ({ rugRisk }) => rugRisk, flag: 'maxRugRisk', isLeast: false },
    judge: ({ rugRisk }, { useMl, maxRugRisk }) => (useMl ? atMost(rugRisk, maxRugRisk) : PASS),
  }),
  // The model itself must be sure. Without one the strategies decide alone, unless it is required.
  gateRule({
    name: 'confidence',
    doc: 'score of the model is at least --min-confidence; no model fails only with --ml-required',
    unit: 'fraction',
    unknown: 'never: without a model it passes, or fails with --ml-required',
    reasonIfNone: 'no-model',
    flags: {
      mlRequired,
      minConfidence: num('least score of the model', {
        default: 0.7,
        env: 'ML_MIN_CONFIDENCE',
        ...fraction,
      }),
    },
    score: { of: ({ scores }) => scores?.model, flag: 'minConfidence', isLeast: true },
    judge({ modelScore }, { mlRequired, minConfidence }) {
      if (modelScore !== undefined) return atLeast(modelScore, minConfidence)
      return mlRequired ? { result: 'fail', limit: minConfidence } : PASS
    },
  }),
  // Model, strategies and other scores together must be sure enough.
  gateRule({
    name: 'combined',
    doc: 'weighted mean of the scores is at least --min-combined',
    unit: 'fraction',
    unknown: 'never: a line without a score is held before any rule is asked',
    flags: {
      minCombined: num('least weighted score', {
        default: 0.65,
        env: 'ML_MIN_COMBINED_CONFIDENCE',
        ...fraction,
      }),
    },
    score: { of: ({ confidence }) => confidence, flag: 'minCombined', isLeast: true },
    judge: ({ confidence }, { minCombined }) => atLeast(confidence, minCombined),
  }),
  // Some states of a pool are never bought into, and no pool is bought while too many are dumped.
  gateRule({
    name: 'regime',
    doc:
      'regime of the pool is not one of --blocked-regimes, and at most --max-rug-share of all ' +
      'pools are being dumped',
    unit: 'fraction',
    unknown:
      'no line of the token has told a regime (features --sets pool), or the set regime is there ' +
      'and not ready',
    flags: {
      blockedRegimes: list('pool regimes not to buy in', { default: ['rug-dump'] }),
      maxRugShare: num('largest share of all pools being dumped (needs features --sets …,regime)', {
        default: 0.5,
        ...fraction,
      }),
    },
    judge({ regime, rugShare }, { blockedRegimes, maxRugShare }) {
      const market = typeof rugShare === 'number' ? atMost(rugShare, maxRugShare) : undefined
      if (market?.result === 'fail') return market
      if (rugShare === 'unknown') return { result: 'unknown' }
      if (blockedRegimes.length === 0) return { result: 'pass' }
      if (regime === undefined) return { result: 'unknown' }
      return { result: blockedRegimes.includes(regime) ? 'fail' : 'pass' }
    },
  }),
  // A live mint authority can print tokens and drain the pool with them.
  gateRule({
    name: 'mint',
    doc: 'mint authority is revoked',
    unit: 'boolean',
    unknown: 'nobody has told token.mintRevoked',
    judge: ({ token }) => holds(token?.mintRevoked),
  }),
  // A live freeze authority is the common honeypot: bought, frozen, never sold.
  gateRule({
    name: 'freeze',
    doc: 'freeze authority is revoked',
    unit: 'boolean',
    unknown: 'nobody has told token.freezeRevoked',
    judge: ({ token }) => holds(token?.freezeRevoked),
  }),
  // Liquidity that its owner can withdraw is liquidity for him alone.
  gateRule({
    name: 'lp-burned',
    doc: 'share of liquidity tokens burned or locked is at least --min-lp-burned',
    unit: 'fraction',
    unknown: 'nobody has told token.lpBurnedShare',
    flags: {
      minLpBurned: num('least share of liquidity burned or locked', { default: 0.9, ...fraction }),
    },
    judge: ({ token }, { minLpBurned }) => atLeast(token?.lpBurnedShare, minLpBurned),
  }),
  // A token held by a handful of wallets has nobody to sell to.
  gateRule({
    name: 'holders',
    doc: 'holders number at least --min-holders',
    unit: 'count',
    unknown: 'nobody has told token.holderCount',
    flags: { minHolders: int('least number of holders', { default: 50, min: 0 }) },
    judge: ({ token }, { minHolders }) => atLeast(token?.holderCount, minHolders),
  }),
  // Ten wallets with most of the supply can end the market together.
  gateRule({
    name: 'top10',
    doc: 'share of the ten largest holders, pools excluded, is at most --max-top10',
    unit: 'fraction',
    unknown: 'nobody has told token.top10Share',
    flags: {
      maxTop10: num('largest share of the ten largest holders', { default: 0.35, ...fraction }),
    },
    judge: ({ token }, { maxTop10 }) => atMost(token?.top10Share, maxTop10),
  }),
  // The first minutes belong to snipers and their victims.
  gateRule({
    name: 'age',
    doc: 'token exists for at least --min-token-age',
    unit: 'ms',
    unknown: 'neither token.createdAt nor market.openAt is told',
    flags: { minTokenAge: duration('least age of the token', { default: '5m' }) },
    judge: ({ tokenAgeMs }, { minTokenAge }) => atLeast(tokenAgeMs, minTokenAge),
  }),
  // A position must be able to leave the way it came.
  gateRule({
    name: 'liquidity',
    doc: 'liquidity of the pool is at least --min-liquidity-usd',
    unit: 'USD',
    unknown: 'the newest market line has no market.liquidityUsd',
    flags: {
      minLiquidityUsd: num('least liquidity of the pool in USD', { default: 5000, min: 0 }),
    },
    judge: ({ market }, { minLiquidityUsd }) => atLeast(market?.liquidityUsd, minLiquidityUsd),
  }),
  // Our own order must not be what moves the price.
  gateRule({
    name: 'impact',
    doc: 'price impact of the planned size on the newest reserves is at most --max-impact',
    unit: 'fraction',
    unknown: 'no line has told the reserves of the pool',
    flags: { maxImpact: num('largest price impact of the order', { default: 0.02, ...fraction }) },
    judge: ({ impact }, { maxImpact }) => atMost(impact, maxImpact),
  }),
  // Old news is not traded on.
  gateRule({
    name: 'stale',
    doc: 'the newest price of the token is at most --max-age old, in event time',
    unit: 'ms',
    unknown: 'no line of the token has told a price',
    flags: { maxAge },
    judge: ({ ageMs }, { maxAge }) => atMost(ageMs, maxAge),
  }),
  // One idea per token at a time: a signal that persists is not a new reason to buy.
  gateRule({
    name: 'cooldown',
    doc: 'at least --cooldown since the last buy decision on this token',
    unit: 'ms',
    unknown: 'never: without an earlier buy it passes',
    flags: { cooldown: duration('least time between two buys of a token', { default: '10m' }) },
    judge: ({ sinceBuyMs }, { cooldown }) =>
      sinceBuyMs === undefined ? PASS : atLeast(sinceBuyMs, cooldown),
  }),
  // A token that has lost on the decisions before is not bought again when the cooldown is over.
  gateRule({
    name: 'low-profit',
    doc:
      'own buy decisions of the last --profit-window on this token returned at least ' +
      '--min-token-profit on average',
    unit: 'fraction',
    unknown: 'a price at which it was bought or sold, or the price now, is not told',
    flags: {
      minTokenProfit: num(
        'least mean return of own earlier buys of a token, at the price they were sold for or ' +
          'that is now',
        { default: -0.1, min: -1, max: 10 },
      ),
      profitWindow: duration('how far back earlier buys count', { default: '6h' }),
    },
    judge({ buys, ts, priceSol }, { minTokenProfit, profitWindow }) {
      const returns = returnsSince(buys, ts - profitWindow, priceSol)
      if (returns.length === 0) return PASS
      const known = returns.filter(each => each !== undefined)
      const mean = known.reduce((sum, each) => sum + each, 0) / known.length
      return atLeast(known.length < returns.length ? undefined : mean, minTokenProfit)
    },
  }),
  // Prices that look wrong are not traded on, where a minimum is asked for.
  gateRule({
    name: 'quality',
    doc: 'data quality score is at least --min-quality',
    unit: 'points',
    on: false,
    unknown: 'no line of the token has passed through quality',
    flags: {
      minQuality: num('least data quality score; off unless given', { min: 0, max: 100 }),
    },
    judge: ({ quality }, { minQuality = 0 }) => atLeast(quality, minQuality),
  }),
  // A number out of means of the training data says little about this token.
  gateRule({
    name: 'imputed',
    version: '2',
    doc:
      'each model whose score counts knew all but --max-imputed of its inputs; with auto, all ' +
      'but as many as its card allows (`maxImputed` in the prediction), any where it says nothing',
    unit: 'count',
    unknown: 'a model whose score counts does not say which inputs it knew',
    flags: {
      maxImputed: intOrAuto('most inputs unknown to a model that counts; auto: as its card says', {
        default: 'auto',
        min: 0,
      }),
    },
    judge: ({ imputed, guesses }, { maxImputed }) =>
      maxImputed === 'auto' ? byCards(guesses) : atMost(imputed, maxImputed),
  }),
] as const

/** The model that is furthest above what its card allows decides; a card may allow anything. */
function byCards(guesses: readonly Guesses[]): Verdict {
  const bound = guesses.flatMap(({ count, limit }) =>
    limit === undefined ? [] : [{ count, limit }],
  )
  const untold = bound.find(({ count }) => count === undefined)
  const [worst] = bound
    .map(({ count = 0, limit }) => ({ count, limit }))
    .sort((a, b) => b.count - b.limit - (a.count - a.limit))
  if (untold !== undefined) return atMost(undefined, untold.limit)
  return worst === undefined ? PASS : atMost(worst.count, worst.limit)
}

/** Those that judge by a score: by themselves they would choose with a model alone. */
export const SCORE_RULES = (GATE_RULES as readonly GateRule[]).filter(
  ({ score }) => score !== undefined,
)
