import { UsageError } from '../../base/errors.ts'
import type { Bundle } from '../bundle.ts'

/**
 * Farther than this many spreads from the centre a feature counts no more: one absurd value must
 * not move the weights.
 */
const LIMIT = 10
const LEAST = 1e-6

/**
 * Inputs of an online model: 1, the foundation's log odds, then the features in spreads around the
 * centre as the foundation was trained: frozen, so that what was learned keeps its meaning. Unknown
 * is the centre. @throws UsageError for a bundle without features by name or without their
 * distribution.
 */
export function makeOnlineInputs({ name, version, inputs, distribution }: Bundle): {
  size: number
  row(foundation: number, features: ArrayLike<number>): number[]
} {
  const width = inputs[0]?.features?.length
  if (
    inputs.length !== 1 ||
    width === undefined ||
    distribution === undefined ||
    distribution.center.length !== width
  )
    throw new UsageError(
      `${name}@${version}: an online model needs a bundle of one list of features with their ` +
        'distribution',
    )
  const { center, spread, by, prices = [] } = distribution
  const isPrice = center.map((_, f) => by !== undefined && prices.includes(f))
  return {
    size: 2 + width,
    row(foundation, features) {
      const close = by === undefined ? 1 : features[by]!
      const p = Math.min(1 - LEAST, Math.max(LEAST, foundation))
      const scaled = center.map((middle, f) => {
        const x = isPrice[f] ? features[f]! / close : features[f]!
        const z = (x - middle) / spread[f]!
        return Number.isFinite(z) ? Math.min(LIMIT, Math.max(-LIMIT, z)) : 0
      })
      return [1, Math.log(p / (1 - p)), ...scaled]
    },
  }
}
