import type { GraphInput } from '../../onnx/session.ts'
import type { ModelPrediction } from '../../records/prediction.ts'
import type { Bundle } from '../bundle.ts'
import { DISTANCE } from '../heads.ts'
import { makeDistance } from '../training-distance.ts'

/**
 * Adds to the prediction of row `row` how far it lies from the training data and which features
 * were guessed.
 */
type Explain = (
  prediction: ModelPrediction,
  { feeds, outputs }: { feeds: readonly GraphInput[]; outputs: ReadonlyMap<string, Float32Array> },
  row: number,
  unknown: readonly string[],
) => void

/**
 * `outOfDistribution` (by an output of that name, or for bundles that know the distribution of
 * their training data; four decimals, more is noise) and `imputed`, the names of unknown features
 * that the graph replaced, with the most of them that the card allows. Errors stay as they are.
 */
export function makeExplainer(bundle: Bundle): Explain {
  const { distribution, inputs, mostUnknown, maxImputed = mostUnknown } = bundle
  const distance = distribution === undefined ? undefined : makeDistance(distribution)
  const width = distribution?.center.length ?? 0
  const input = inputs.findIndex(({ features }) => features?.length === width)
  return (prediction, { feeds, outputs }, row, unknown) => {
    if (prediction.error !== undefined) return
    const data = feeds[input]?.data
    const told = outputs.get(DISTANCE)?.[row]
    const far =
      distance !== undefined && data !== undefined
        ? distance(data.subarray(row * width, (row + 1) * width))
        : told
    if (far !== undefined && Number.isFinite(far))
      prediction.outOfDistribution = Math.round(far * 1e4) / 1e4
    prediction.imputed = [...unknown]
    if (maxImputed !== undefined) prediction.maxImputed = maxImputed
  }
}
