import { hashOf } from '../features/kit/feature-set.ts'
import { SETS, type SetName } from '../features/sets.ts'
import type { BundleInput } from './bundle.ts'

/**
 * The input `features` of a model. Columns that are all features of one of our sets get its hash,
 * versions and units; any others are a list of their own (version 1, unit `number`) with the hash
 * `carried` that the rows had, to be served by whoever makes a set with that hash.
 */
export function inputOf(set: string, names: readonly string[], carried?: string): BundleInput {
  const ours = Object.hasOwn(SETS, set) ? SETS[set as SetName] : undefined
  const known = names.map(name => ours?.features.find(feature => feature.name === name))
  const features = known.map(
    (feature, f) => feature ?? { name: names[f]!, version: 1, unit: 'number' },
  )
  const isOurs = ours !== undefined && !known.includes(undefined)
  return {
    name: 'features',
    set,
    hash: isOurs ? ours.hash : (carried ?? hashOf(features)),
    features: features.map(({ name, version, unit }) => `${name}@${version}:${unit}`),
  }
}
