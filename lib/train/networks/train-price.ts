import { DataError } from '../../base/errors.ts'
import { FIT } from './fit/fit-network.ts'
import { SPLIT, type SplitOptions, splitByTime, splitGiven } from './fit/hold-out-split.ts'
import { checkTensor, pricePreparation } from './net/prepare-sequence.ts'
import { PRICE_HORIZONS, PRICE_SIZES, type PriceSizes, priceNetwork } from './net/price-network.ts'
import {
  MODEL,
  type ModelOptions,
  type ModelRun,
  type TrainedModel,
  trainModel,
} from './train-model.ts'

/** Rows of the price set. */
export interface PriceRows {
  /** [n, steps, F]: features of closed candles, oldest first; NaN = unknown. */
  window: Float32Array
  /** [n, horizons]: relative change of the close after each horizon; NaN = missing. */
  labels: Float32Array
  weights?: Float32Array
  ts: Float64Array
  slice?: Uint8Array
}

export interface PriceOptions extends ModelOptions, SplitOptions {
  sizes: PriceSizes
  steps: number
  horizons: readonly number[]
}
const PRICE: PriceOptions = {
  ...FIT,
  ...MODEL,
  ...SPLIT,
  sizes: PRICE_SIZES,
  steps: 60,
  horizons: PRICE_HORIZONS,
}

/**
 * Trains a price network. The model reads `candleFeatures` [N, steps, F] and answers `heads`: the
 * relative change after each horizon that had labels. Undefined when stopped.
 */
export async function trainPrice(
  rows: PriceRows,
  given: Partial<PriceOptions>,
  run: ModelRun,
): Promise<TrainedModel | undefined> {
  const options = { ...PRICE, ...given }
  const n = rows.ts.length
  const features = n === 0 ? 0 : rows.window.length / (n * options.steps)
  if (!Number.isInteger(features) || features < 1)
    throw new DataError(
      `${rows.window.length} numbers are not ${n} windows of ${options.steps} steps`,
      {
        field: 'window',
      },
    )
  checkTensor('labels', rows.labels, n, options.horizons.length)
  const shape = [options.steps, features] as const
  const horizonOf = new Map(options.horizons.map(bars => [String(bars), bars]))
  return trainModel(
    {
      preparation: pricePreparation(options.steps, features),
      raw: { candleFeatures: rows.window },
      heads: priceNetwork(shape, options.sizes, options.horizons).heads,
      labels: rows.labels,
      ...(rows.weights === undefined ? {} : { weights: rows.weights }),
      split: rows.slice === undefined ? splitByTime(rows.ts, options) : splitGiven(rows.slice),
      network: heads =>
        priceNetwork(
          shape,
          options.sizes,
          heads.map(head => horizonOf.get(head.name)!),
        ),
    },
    options,
    run,
  )
}
