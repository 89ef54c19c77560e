import { UsageError } from '../base/errors.ts'
import { SETS, type SetName } from '../features/sets.ts'
import { type Bundle, goneFeature } from './bundle.ts'

/** What to do about a model that reads columns which no line carries. */
const INSTEAD =
  'predict --table FILE scores rows of a table, an own set puts them on lines (models/README.md, ' +
  'Own features)'

/**
 * Why no line of this version can be scored by a bundle: a feature that its set does not have, or a
 * tensor of a set that is another by now. Undefined where the lines of its sets can be; of sets
 * that other programs make nothing can be known before their lines are there.
 */
export function unservable(bundle: Bundle): string | undefined {
  const gone = goneFeature(bundle)
  if (gone !== undefined) {
    const { set, feature } = gone
    return `it reads ${feature}, which set ${set} does not have; ${INSTEAD}, or train it anew`
  }
  const other = bundle.inputs.find(
    ({ set, hash, tensor }) =>
      tensor !== undefined &&
      Object.hasOwn(SETS, set) &&
      SETS[set as SetName].hash.slice(0, 12) !== hash.slice(0, 12),
  )
  if (other === undefined) return undefined
  const { set, hash } = other
  const now = SETS[set as SetName].hash
  return `it was trained on ${set} ${hash.slice(0, 12)}, this version makes ${now}; train it anew`
}

/** Throws a UsageError that names the version and what to do where no line can be scored by it. */
export function mustBeServable(bundle: Bundle, instead = ''): void {
  const reason = unservable(bundle)
  if (reason !== undefined)
    throw new UsageError(`${bundle.name}@${bundle.version} cannot be served: ${reason}${instead}`)
}
