import type { ModelPrediction } from '../records/prediction.ts'
import type { Bundle } from './bundle.ts'
import { makeDistance } from './distance.ts'
import type { Feed } from './session.ts'

/** Adds to the prediction of row `row` how far it lies from the training data and which features were guessed. */
export type Explain = (
  prediction: ModelPrediction,
  feeds: readonly Feed[],
  row: number,
  unknown: readonly string[],
) => void

/**
 * `outOfDistribution` (for bundles that know the distribution of their training data; four decimals, more is noise) and
 * `imputed`, the names of unknown features that the graph replaced. Errors stay as they are.
 */
export function makeExplainer({ distribution, inputs }: Bundle): Explain {
  const distance = distribution === undefined ? undefined : makeDistance(distribution)
  const width = distribution?.center.length ?? 0
  const input = inputs.findIndex(({ features }) => features?.length === width)
  return (prediction, feeds, row, unknown) => {
    if (prediction.error !== undefined) return
    const data = feeds[input]?.data
    if (distance !== undefined && data !== undefined)
      prediction.outOfDistribution = Math.round(distance(data.subarray(row * width, (row + 1) * width)) * 1e4) / 1e4
    prediction.imputed = [...unknown]
  }
}
