import { bool, duration, int, list, num, sol } from '../lib/base/flags.ts'
import { step } from '../lib/cli/command.ts'

/** Names of the rules, as in lib/decide/gate-rules.ts, which is not loaded for help. */
const RULES = [
  'rug-risk',
  'confidence',
  'combined',
  'regime',
  'mint',
  'freeze',
  'lp-burned',
  'holders',
  'top10',
  'age',
  'liquidity',
  'impact',
  'stale',
  'cooldown',
  'low-profit',
  'quality',
] as const
const fraction = { min: 0, max: 1 } as const

export default step({
  name: 'gate',
  summary:
    'Decide on lines with a prediction, strategy or score: hard rules first, then the ' +
    'weighted score',
  details:
    'Adds `decision` with act buy, sell, hold or drop, every reason, the scores and the ' +
    'size. Marks, does not delete; ' +
    'lines without prediction, strategy or score pass untouched. Keeps per token the newest ' +
    'prediction of each model ' +
    'not older than --max-age of event time. hold = no score on the line has a weight; drop ' +
    '= a rule failed; ' +
    'unknown = rules whose data are missing, which block a live buy. ' +
    `Rules: ${RULES.join(', ')}.`,
  reads: [
    'token',
    'market',
    'trade',
    'candle',
    'quality',
    'features',
    'strategy',
    'score',
    'prediction',
  ],
  writes: ['decision'],
  flags: {
    useMl: bool('use predictions', { default: true, env: 'USE_ML_PREDICTIONS' }),
    mlRequired: bool('refuse when no model has a score', { env: 'ML_REQUIRED' }),
    minConfidence: num('least score of the model', {
      default: 0.7,
      env: 'ML_MIN_CONFIDENCE',
      ...fraction,
    }),
    minCombined: num('least weighted score', {
      default: 0.65,
      env: 'ML_MIN_COMBINED_CONFIDENCE',
      ...fraction,
    }),
    maxRugRisk: num('highest rug probability', {
      default: 0.3,
      env: 'ML_MAX_RUG_RISK',
      ...fraction,
    }),
    mlWeight: num('weight of the model; strategies get the rest', {
      default: 0.6,
      env: 'ML_WEIGHT',
      ...fraction,
    }),
    weights: list('named weights instead: model, strategy or any score, like dl=0.2,llm=0.4'),
    minSellConfidence: num('least confidence of a strategy to sell', { default: 0.6, ...fraction }),
    maxAge: duration('oldest prediction, score or price to act on', { default: '60s' }),
    cooldown: duration('least time between two buys of a token', { default: '10m' }),
    minTokenProfit: num(
      'least mean return of own earlier buys of a token, at the price they were sold for or ' +
        'that is now',
      {
        default: -0.1,
        min: -1,
        max: 10,
      },
    ),
    profitWindow: duration('how far back earlier buys count', { default: '6h' }),
    blockedRegimes: list('pool regimes not to buy in', { default: ['rug-dump'] }),
    maxRugShare: num('largest share of all pools being dumped (needs features --sets …,regime)', {
      default: 0.5,
      ...fraction,
    }),
    minLpBurned: num('least share of liquidity burned or locked', { default: 0.9, ...fraction }),
    minHolders: int('least number of holders', { default: 50, min: 0 }),
    maxTop10: num('largest share of the ten largest holders', { default: 0.35, ...fraction }),
    minTokenAge: duration('least age of the token', { default: '5m' }),
    minLiquidityUsd: num('least liquidity of the pool in USD', { default: 5000, min: 0 }),
    maxImpact: num('largest price impact of the order', { default: 0.02, ...fraction }),
    minQuality: num('least data quality score; off unless given', { min: 0, max: 100 }),
    without: list('rules to leave out', { choices: RULES, value: 'RULE,…' }),
    size: sol('base size of a buy', { default: '0.1' }),
    maxSize: sol('largest size of a buy', { default: '0.5' }),
    maxSlippageBps: int('worst fill accepted, in basis points', {
      default: 150,
      min: 0,
      max: 5000,
    }),
    explain: bool('write every rule with its value and limit'),
    onlyPassed: bool('leave out lines that were dropped or held'),
    maxTokens: int('most tokens remembered at a time', { default: 100_000, min: 1 }),
  },
  examples: [
    'features --sets pool < events.ndjson | predict | gate --explain',
    'gate --weights dl=0.2,adaptive=0.4,llm=0.4 < scored.ndjson | jq -c ' +
      '\'select(.decision.act=="buy")\'',
  ],
  async make({ flags, count }) {
    const { makeGate } = await import('../lib/decide/gate.ts')
    const { gatePlan } = await import('../lib/decide/gate-plan.ts')
    return makeGate({
      plan: gatePlan(flags),
      onlyPassed: flags.onlyPassed,
      maxTokens: flags.maxTokens,
      count,
    })
  },
})
