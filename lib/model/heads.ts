import type { Aim } from '../maths/loss.ts'
import type { ModelPrediction, Outcome } from '../records/prediction.ts'
import type { Bundle, BundleHead } from './bundle.ts'

/** Heads of each kind as records name them; a model fills one or more of them. */
export const HEADS: Record<Bundle['kind'], readonly string[]> = {
  sequence: ['profitable', 'maxProfit', 'rugRisk'],
  outcome: ['probabilities'],
  moon: ['p'],
  rug: ['p'],
  opportunity: ['successProbability'],
  price: ['change'],
  volatility: ['sigma', 'var95', 'es95'],
}

/** What the labels of a head are. */
export function aimOf(head: string): Aim {
  if (head === 'probabilities') return 'classes'
  return NUMBERS.has(head) ? 'numbers' : 'binary'
}
const NUMBERS = new Set(['maxProfit', 'change', 'sigma', 'var95', 'es95'])

/** Feature set that a kind of model reads unless another is named. */
export const SET_OF: Record<Bundle['kind'], string> = {
  sequence: 'sequence',
  outcome: 'tabular',
  moon: 'pool',
  rug: 'pool',
  opportunity: 'opportunity',
  price: 'price',
  volatility: 'volatility',
}

/**
 * Output of a graph that says itself how far each row lies from its training rows, [N, 1]: 1 = the
 * 99th percentile.
 */
export const DISTANCE = 'outOfDistribution'

/**
 * Turns row `row` of the outputs into a prediction. A number that is not finite becomes an error,
 * never a value.
 */
export function makeHeadWriter(
  bundle: Bundle,
): (outputs: Map<string, Float32Array>, row: number) => ModelPrediction {
  const writers = bundle.heads.map(head => writerOf(bundle.kind, head))
  return (outputs, row) => {
    const prediction: ModelPrediction = { version: bundle.version }
    for (let k = 0; k < writers.length; k++) {
      const head = bundle.heads[k]!
      const width = head.labels?.length ?? 1
      const data = outputs.get(head.output)
      const values = data?.subarray(row * width, (row + 1) * width) ?? NOTHING
      if (values.length < width || values.some(value => !Number.isFinite(value)))
        return {
          version: bundle.version,
          error: 'not-finite',
          reason: `${head.name} is ${values[0] ?? 'missing'}`,
        }
      writers[k]!(prediction, values)
    }
    return prediction
  }
}

const NOTHING = new Float32Array()
type Writer = (prediction: ModelPrediction, values: Float32Array) => void

function writerOf(kind: Bundle['kind'], head: BundleHead): Writer {
  const labels = head.labels ?? []
  if (kind === 'outcome') return (prediction, values) => writeOutcome(prediction, values, labels)
  if (kind === 'price') {
    return (prediction, values) => {
      prediction.change = Object.fromEntries(
        labels.map((label, k) => [label, bounded(values[k]!, -1)]),
      )
    }
  }
  if (head.name === 'sigma') {
    return (prediction, values) => {
      prediction.sigma = Array.from(values, value => bounded(value, 0))
    }
  }
  const isChange = head.name === 'maxProfit' || head.name === 'var95' || head.name === 'es95'
  const name = head.name as 'profitable'
  return (prediction, values) => {
    prediction[name] = bounded(
      values[0]!,
      isChange ? -1 : 0,
      isChange ? Number.POSITIVE_INFINITY : 1,
    )
  }
}

/** float32 arithmetic may leave a range by one last digit. `+ 0` turns −0 into 0. */
const bounded = (value: number, low: number, high = Number.POSITIVE_INFINITY): number =>
  Math.min(high, Math.max(low, value)) + 0

function writeOutcome(
  prediction: ModelPrediction,
  values: Float32Array,
  labels: readonly string[],
): void {
  let best = 0
  for (let k = 1; k < values.length; k++) if (values[k]! > values[best]!) best = k
  prediction.class = labels[best] as Outcome
  prediction.confidence = bounded(values[best]!, 0, 1)
  prediction.probabilities = Object.fromEntries(
    labels.map((label, k) => [label, bounded(values[k]!, 0, 1)]),
  )
  const rug = labels.indexOf('RUG')
  if (rug >= 0) prediction.rugProb = bounded(values[rug]!, 0, 1)
}
