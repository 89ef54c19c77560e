import { DataError } from '../../base/errors.ts'
import { FIT } from './fit/fit-network.ts'
import { SPLIT, type SplitOptions, splitByTime, splitGiven } from './fit/hold-out-split.ts'
import { checkTensor, sequencePreparation, type Transform } from './net/prepare-sequence.ts'
import {
  SEQUENCE_HEADS,
  SEQUENCE_SIZES,
  type SequenceSizes,
  type SequenceVariant,
  sequenceNetwork,
} from './net/sequence-network.ts'
import {
  MODEL,
  type ModelOptions,
  type ModelRun,
  type TrainedModel,
  trainModel,
} from './train-model.ts'

/** Rows of the sequence set, tensors side by side. */
export interface SequenceRows {
  /** [n, steps, 5]: open, high, low, close, volume, oldest first, unscaled. */
  candles: Float32Array
  /** [n, 5]: liquidity, marketCap, holders, ageHours, volume24h; NaN = unknown. */
  context: Float32Array
  /** [n, K]; NaN = unknown. */
  indicators: Float32Array
  /** [n, 3]: profitable 0/1, maxProfit as a fraction, rugRisk 0/1; NaN = missing. */
  labels: Float32Array
  /** [n] */
  weights?: Float32Array
  /** [n]: ms UTC of the anchor. */
  ts: Float64Array
  /** [n]: 0 train, 1 valid, 2 calibration, else unused. By time when absent. */
  slice?: Uint8Array
}

export interface SequenceOptions extends ModelOptions, SplitOptions {
  variant: SequenceVariant
  /** Units per layer, instead of those of the variant. */
  sizes?: SequenceSizes
  steps: number
  /** How each indicator is brought to scale; `plain` where absent. */
  transforms: readonly Transform[]
}
const SEQUENCE: SequenceOptions = {
  ...FIT,
  ...MODEL,
  ...SPLIT,
  variant: 'full',
  steps: 100,
  transforms: [],
}

/**
 * Trains a sequence network. The model reads `candles` [N, steps, 5], `context` [N, 5],
 * `indicators` [N, K] (absent when K is 0) and answers `heads`: the heads that had labels to learn
 * from, in the order profitable, maxProfit, rugRisk. Undefined when stopped.
 */
export async function trainSequence(
  rows: SequenceRows,
  given: Partial<SequenceOptions>,
  run: ModelRun,
): Promise<TrainedModel | undefined> {
  const options = { ...SEQUENCE, ...given }
  const { steps } = options
  const n = rows.ts.length
  const wide = n === 0 ? 0 : rows.indicators.length / n
  if (!Number.isInteger(wide))
    throw new DataError(`${rows.indicators.length} numbers are not ${n} equal rows`, {
      field: 'indicators',
    })
  checkTensor('candles', rows.candles, n, steps * 5)
  checkTensor('context', rows.context, n, 5)
  checkTensor('labels', rows.labels, n, SEQUENCE_HEADS.length)
  const transforms = Array.from({ length: wide }, (_, i) => options.transforms[i] ?? 'plain')
  const preparation = sequencePreparation(steps, transforms)
  return trainModel(
    {
      preparation,
      raw: { candles: rows.candles, context: rows.context, indicators: rows.indicators },
      heads: SEQUENCE_HEADS,
      labels: rows.labels,
      ...(rows.weights === undefined ? {} : { weights: rows.weights }),
      split: rows.slice === undefined ? splitByTime(rows.ts, options) : splitGiven(rows.slice),
      network: heads =>
        sequenceNetwork(
          { steps, table: 2 * (5 + wide) },
          options.sizes ?? SEQUENCE_SIZES[options.variant],
          heads,
        ),
    },
    options,
    run,
  )
}
