import { UsageError } from '../base/errors.ts'
import { bool, duration, list, num } from '../base/flags.ts'

/**
 * Names of the two scores that sluice makes itself; every other name is a `score.<name>` of another
 * program.
 */
export const MODEL = 'model'
export const STRATEGY = 'strategy'

/** How scores are made one, and how old they may be. */
export const SCORE_FLAGS = {
  useMl: bool('use predictions', { default: true, env: 'USE_ML_PREDICTIONS' }),
  mlRequired: bool('refuse when no model has a score', { env: 'ML_REQUIRED' }),
  mlWeight: num('weight of the model; strategies get the rest', {
    default: 0.6,
    env: 'ML_WEIGHT',
    min: 0,
    max: 1,
  }),
  weights: list('named weights instead: model, strategy or any score, like dl=0.2,llm=0.4'),
  minSellConfidence: num('least confidence of a strategy to sell', {
    default: 0.6,
    min: 0,
    max: 1,
  }),
  split: list(
    'give tokens, by a hash of their mint, to what production says or to the versions on trial: ' +
      'champion=0.9,challenger=0.1; decisions, orders and positions say which (arm)',
    { value: 'NAME=X,…' },
  ),
  maxAge: duration('oldest prediction, score or price to act on', { default: '60s' }),
}

interface Combined {
  /** Weighted mean of the scores; absent when there is no score that has a weight. */
  confidence?: number
  scores: Record<string, number>
  weights: Record<string, number>
}

/**
 * Weighted mean Σ wᵢsᵢ / Σ wᵢ over the scores that are present and have a weight. Without a model
 * its weight goes to the strategies, unless a model is required. Scores and confidence are
 * fractions; nine decimals are kept.
 */
export function combine(
  scores: ReadonlyMap<string, number>,
  weights: ReadonlyMap<string, number>,
  mlRequired: boolean,
): Combined {
  const made: Combined = { scores: {}, weights: {} }
  let sum = 0
  let total = 0
  for (const [name, weight] of weights) {
    const score = scores.get(name)
    if (score === undefined) continue
    const inherits = name === STRATEGY && !mlRequired && !scores.has(MODEL)
    const w = inherits ? round9(weight + (weights.get(MODEL) ?? 0)) : weight
    made.scores[name] = score
    made.weights[name] = w
    sum += w * score
    total += w
  }
  if (total > 0) made.confidence = Math.min(1, Math.max(0, round9(sum / total)))
  return made
}

const round9 = (value: number): number => Math.round(value * 1e9) / 1e9 + 0

/**
 * Weights by name from `model=0.6` words; refuses a word without a name or with a weight below 0.
 */
export function parseWeights(words: readonly string[]): Map<string, number> {
  const weights = new Map<string, number>()
  for (const word of words) {
    const found = /^([A-Za-z0-9][A-Za-z0-9._@-]{0,63})=(\d{1,6}(?:\.\d{1,9})?|\.\d{1,9})$/.exec(
      word,
    )
    if (found === null)
      throw new UsageError(`--weights: expected name=weight like dl=0.2, got ${word}`)
    if (weights.has(found[1]!)) throw new UsageError(`--weights: ${found[1]} is given twice`)
    weights.set(found[1]!, Number(found[2]))
  }
  if (![...weights.values()].some(w => w > 0))
    throw new UsageError('--weights: at least one weight must be above 0')
  return weights
}

/** The usual two weights: the model's, and the rest for the strategies. */
export const combineDefaults = (mlWeight: number): Map<string, number> =>
  new Map([
    [MODEL, mlWeight],
    [STRATEGY, round9(1 - mlWeight)],
  ])
