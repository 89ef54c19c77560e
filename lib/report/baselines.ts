import { makeRng } from '../base/rng.ts'
import { SCORE_RULES } from '../decide/gate-rules.ts'
import { tidy } from '../market/ratio.ts'
import { type Spread, spreadOf } from '../maths/resample.ts'
import type { Outcome } from './labelled.ts'
import { type MeanNet, meanNet } from './refusals.ts'

/**
 * Rules that judge by a model or by the score that it is part of; without a model they have nothing
 * to say.
 */
const MODEL_RULES = new Set(
  SCORE_RULES.flatMap(({ reason, reasonIfNone }) => [reason, reasonIfNone]),
)

/**
 * What the bought lines returned beside two ways to choose without a model. Returns after costs, to
 * the horizon.
 */
export interface Baselines {
  bought: MeanNet
  /** All candidates that no other rule refuses. */
  noModel: MeanNet
  /** Random entries among all candidates, as many as were bought: the mean of each draw. */
  random?: Spread & {
    draws: number
    rows: number
    counts: readonly number[]
    edges: readonly number[]
    beaten: number
  }
}

const DRAWS = 2000
const BINS = 24

/** Compares the bought outcomes with both baselines. Seeded. */
export function baselinesOf(rows: readonly Outcome[], seed: string): Baselines {
  const candidates = rows.filter(
    ({ decision }) => decision.act === 'buy' || decision.act === 'drop',
  )
  const bought = candidates.filter(({ decision }) => decision.act === 'buy')
  const noModel = candidates.filter(({ decision }) =>
    decision.reasons.every(rule => MODEL_RULES.has(rule)),
  )
  const made: Baselines = {
    bought: meanNet(bought, `${seed}/bought`),
    noModel: meanNet(noModel, `${seed}/no-model`),
  }
  const random = randomEntries(candidates, bought, seed)
  if (random !== undefined) made.random = random
  return made
}

function randomEntries(
  candidates: readonly Outcome[],
  bought: readonly Outcome[],
  seed: string,
): Baselines['random'] {
  if (bought.length === 0 || candidates.length <= bought.length) return undefined
  const nets = Float64Array.from(candidates, ({ net }) => net)
  const rng = makeRng(`${seed}/random`)
  const means = Array.from({ length: DRAWS }, () =>
    tidy(meanOfDraw(nets, bought.length, rng.below)),
  )
  const own = tidy(bought.reduce((sum, { net }) => sum + net, 0) / bought.length)
  const spread = spreadOf(means)!
  const beaten = means.filter(mean => mean < own).length / DRAWS
  return { ...spread, draws: DRAWS, rows: candidates.length, beaten, ...histogramOf(means) }
}

/**
 * Mean of `count` different entries, drawn without replacement (Fisher–Yates, the first `count`
 * places).
 */
function meanOfDraw(nets: Float64Array, count: number, below: (n: number) => number): number {
  let sum = 0
  for (let i = 0; i < count; i++) {
    const j = i + below(nets.length - i)
    const drawn = nets[j]!
    nets[j] = nets[i]!
    nets[i] = drawn
    sum += drawn
  }
  return sum / count
}

function histogramOf(values: readonly number[]): { counts: number[]; edges: number[] } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const width = (high - low) / BINS
  const edges = Array.from({ length: BINS + 1 }, (_, i) => tidy(low + i * width))
  const counts = new Array<number>(BINS).fill(0)
  for (const value of values) {
    const bin = width > 0 ? Math.min(BINS - 1, Math.floor((value - low) / width)) : 0
    counts[bin] = counts[bin]! + 1
  }
  return { counts, edges }
}
