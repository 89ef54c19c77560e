import type { GraphInput } from '../../onnx/session.ts'
import type { ModelPrediction } from '../../records/prediction.ts'
import { type Bundle, featureName } from '../bundle.ts'
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

type Moved = NonNullable<ModelPrediction['moved']>

/** Asks a model about rows; undefined where it gives no answer. */
type Run = (
  feeds: readonly GraphInput[],
  rows: number,
) => Promise<ReadonlyMap<string, Float32Array> | undefined>

/**
 * Tells what moved row `row` of a run most; asks the model once more for each of its inputs. Empty
 * where that is not answered.
 */
type FindMoved = (
  feeds: readonly GraphInput[],
  outputs: ReadonlyMap<string, Float32Array>,
  row: number,
) => Promise<{ moved?: Moved }>

/** Why inputs cannot be told apart for a bundle. */
export const UNKNOWN_CENTRE =
  'does not say what its training rows are centred on (distribution): which inputs moved it is ' +
  'unknown'

/** Inputs that are named. */
const MOST = 5

/**
 * For each input feature the change of the first head (of its likeliest class, of its first number)
 * against the same row with that one input at the centre of the training rows; the five largest,
 * none that changes nothing. One input at a time: what two of them do together is in neither, and
 * the changes need not add up. Undefined for a bundle that does not know that centre.
 */
export function makeMoved(bundle: Bundle, run: Run): FindMoved | undefined {
  const { distribution, inputs, heads } = bundle
  const head = heads[0]!
  const at = inputs.findIndex(({ features }) => features?.length === distribution?.center.length)
  if (distribution === undefined || at < 0) return undefined
  const names = inputs[at]!.features!.map(featureName)
  const width = names.length
  const columns = head.labels?.length ?? 1
  return async (feeds, outputs, row) => {
    const values = rowOf(feeds[at]!, row, width)
    const changed = feeds.map((feed, k) =>
      k === at ? { ...feed, data: eachCentred(values, distribution) } : repeated(feed, row, width),
    )
    const without = (await run(changed, width))?.get(head.output)
    if (without === undefined) return {}
    const said = outputs.get(head.output)!.subarray(row * columns, (row + 1) * columns)
    const pick = head.name === 'probabilities' ? said.indexOf(Math.max(...said)) : 0
    const moved = names
      .map((name, f) => ({
        name,
        ...(Number.isNaN(values[f]) ? {} : { value: Number(values[f]!.toPrecision(7)) }),
        change: Math.round((said[pick]! - without[f * columns + pick]!) * 1e6) / 1e6,
      }))
      .filter(({ change }) => Number.isFinite(change) && change !== 0)
      .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || (a.name < b.name ? -1 : 1))
      .slice(0, MOST)
    return { moved }
  }
}

const rowOf = ({ data }: GraphInput, row: number, width: number): Float32Array =>
  data.subarray(row * width, (row + 1) * width)

/**
 * As many copies of a row as it has numbers, the k-th with the k-th at the centre. Prices are
 * centred relative to the column that they are measured by, whose own level says nothing.
 */
function eachCentred(
  row: Float32Array,
  { center, by, prices = [] }: NonNullable<Bundle['distribution']>,
): Float32Array {
  const width = row.length
  const out = new Float32Array(width * width)
  for (let k = 0; k < width; k++) {
    out.set(row, k * width)
    if (k === by) continue
    const unit = by !== undefined && prices.includes(k) ? row[by]! : 1
    out[k * width + k] = center[k]! * unit
  }
  return out
}

/** The row of another input, once for each number of the one that is changed. */
function repeated(feed: GraphInput, row: number, times: number): GraphInput {
  const width = feed.shape.reduce((product, side) => product * side, 1)
  const data = new Float32Array(times * width)
  for (let k = 0; k < times; k++) data.set(rowOf(feed, row, width), k * width)
  return { ...feed, data }
}
