import { Type } from 'typebox'
import {
  change,
  count,
  fraction,
  list,
  map,
  maybe,
  name,
  number,
  object,
  oneOf,
  positive,
  type Static,
  text,
} from './kit.ts'

/** What a token does until the horizon, from total loss to more than doubling. */
export const OUTCOMES = ['RUG', 'DECLINE', 'DIP', 'STABLE', 'CLIMB', 'PUMP', 'MOON'] as const
export type Outcome = (typeof OUTCOMES)[number]

const MovedInput = object('one input', {
  name: name('feature'),
  value: maybe(number('its value; absent while unknown', 'of the feature')),
  change: number('head less what it is with this input at its training centre', 'of the head'),
})

/**
 * Heads of every kind of model; a model fills its own. Either `version` and heads, or `error` and
 * `reason`.
 */
export const ModelPrediction = object('prediction of one model', {
  version: maybe(name('bundle version')),
  error: maybe(name('why there is no number')),
  reason: maybe(text('the same in words', 300)),
  profitable: maybe(fraction('probability of +3 % within an hour')),
  maxProfit: maybe(change('expected best return within an hour')),
  rugRisk: maybe(fraction('probability of losing 80 % or the liquidity within a day')),
  class: maybe(oneOf('most likely outcome', OUTCOMES)),
  confidence: maybe(fraction('probability of that outcome')),
  probabilities: maybe(map('probability per outcome', fraction('probability'))),
  rugProb: maybe(fraction('probability of RUG')),
  p: maybe(fraction('calibrated probability')),
  foundation: maybe(fraction('of the foundation model alone')),
  online: maybe(fraction('of the online model alone, also while it takes no part')),
  onlineShare: maybe(fraction('of the online model in p; 0 while it takes no part')),
  successProbability: maybe(fraction('probability that the path still pays two seconds later')),
  change: maybe(map('expected change by bars ahead', change('change'))),
  sigma: maybe(list('forecast volatility per bar ahead', positive('σ', 'fraction'), 64)),
  var95: maybe(change('value at risk at 95 %')),
  es95: maybe(change('expected shortfall at 95 %')),
  outOfDistribution: maybe(
    positive('distance from the training data, 1 = its 99th percentile', 'ratio'),
  ),
  imputed: maybe(list('features that were unknown', name('feature'), 256)),
  maxImputed: maybe(count('most of them that its card allows; gate reads it', 256)),
  moved: maybe(list('inputs that moved the first head most, each alone', MovedInput, 5)),
})
export type ModelPrediction = Static<typeof ModelPrediction>

export const Prediction = map('predictions by model', ModelPrediction)
export type Prediction = Record<string, ModelPrediction>
/** Predictions of models on trial: recorded, never acted on. */
export const Shadow = Type.Record(
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$' }),
  ModelPrediction,
  {
    description: 'predictions of models on trial',
    sql: 'JSON',
  },
)
