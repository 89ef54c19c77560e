import { show, UsageError } from '../base/errors.ts'
import { hashOfIds, idOf } from '../features/kit/feature-set.ts'
import { SETS, type SetName } from '../features/sets.ts'
import { type BundleInput, featureName, isName } from './bundle.ts'

/**
 * The input `features` of a model. Columns that are all features of one of our sets get its hash,
 * versions and units. Any others get the hash that the rows `carried`, and are served by whoever
 * makes a set with that hash. Where such a set was `declared` when the rows were exported (a
 * plugin's), versions and units are those of it; else they are 1 and `number`. Throws UsageError
 * for columns that no line can name.
 */
export function inputOf(
  set: string,
  names: readonly string[],
  carried?: string,
  declared: readonly string[] = [],
): BundleInput {
  refuseOddNames(names)
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

/** Names of columns go on lines as they are: said before a training, not after it. */
function refuseOddNames(names: readonly string[]): void {
  const odd = names.filter(name => !isName(name))
  if (odd.length === 0) return
  const [first = ''] = odd
  const plain = first.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[^A-Za-z0-9]+|_+$/g, '')
  const named = odd.slice(0, 8).map(name => show(name))
  const more = odd.length > 8 ? ` and ${odd.length - 8} more` : ''
  throw new UsageError(
    `no feature can be called ${named.join(', ')}${more}: names are letters, digits and . _ -, ` +
      `at most 64; rename ${odd.length === 1 ? 'the column' : 'these columns'}` +
      `${isName(plain) ? `, as ${plain}` : ''}, or leave out with --features`,
  )
}
