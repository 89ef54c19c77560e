import { hashOfIds, idOf } from '../features/kit/feature-set.ts'
import { SETS, type SetName } from '../features/sets.ts'
import { type BundleInput, featureName } from './bundle.ts'

/**
 * The input `features` of a model. Columns that are all features of one of our sets get its hash,
 * versions and units. Any others have the hash that the rows `carried`, and the versions and units
 * of the set with that hash where it was `declared` when they were exported (a plugin's), else
 * version 1 and unit `number`; they are served by whoever makes a set with that hash.
 */
export function inputOf(
  set: string,
  names: readonly string[],
  carried?: string,
  declared: readonly string[] = [],
): BundleInput {
  const ours = Object.hasOwn(SETS, set) ? SETS[set as SetName] : undefined
  const known = names.map(name => ours?.features.find(feature => feature.name === name))
  const ids = names.map((name, f) => {
    const own = known[f]
    if (own !== undefined) return idOf(own)
    return declared.find(id => featureName(id) === name) ?? `${name}@1:number`
  })
  const isOurs = ours !== undefined && !known.includes(undefined)
  return {
    name: 'features',
    set,
    hash: isOurs ? ours.hash : (carried ?? hashOfIds(ids)),
    features: ids,
  }
}
