import { UsageError } from '../../base/errors.ts'
import { Label } from '../../records/label.ts'

/**
 * What stands beside the features in tables of labelled rows: who, when, and everything that was
 * known only later.
 */
const NOT_FEATURES = new Set([
  ...Object.keys(Label.properties),
  ...[
    'v',
    'id',
    'ts',
    'kind',
    'mint',
    'pool',
    'source',
    'slot',
    'seenAt',
    'warm',
    'index',
    // What pandas calls an index without a name, and the engine a column without one.
    'Unnamed: 0',
    '__index_level_0__',
    'column0',
    'label',
  ],
])

interface DefaultFeatures {
  /** Columns of the file. */
  columns: string[]
  /** Names that the model knows them by. */
  names: string[]
  /** Numeric columns that are no features by their name. */
  leftOut: string[]
}

/**
 * Columns to learn from when none are named: those called `set.feature` of the wanted set. Where
 * there are none, every numeric column is taken that has no other role and is no field of a record
 * or of its label. @throws UsageError when nothing is left, naming the sets that the
 * file holds.
 */
export function defaultFeatures(
  file: string,
  numeric: readonly string[],
  { set, taken }: { set: string; taken: readonly (string | undefined)[] },
): DefaultFeatures {
  const ofSets = numeric.filter(name => /^[A-Za-z][\w-]*\./.test(name) && !taken.includes(name))
  if (ofSets.length > 0) {
    const columns = ofSets.filter(name => name.startsWith(`${set}.`))
    const sets = [...new Set(ofSets.map(name => name.slice(0, name.indexOf('.'))))]
    if (columns.length === 0)
      throw new UsageError(
        `${file}: no features of set ${set}, but of ${sets.join(', ')}; name one with --set`,
      )
    return { columns, names: columns.map(name => name.slice(set.length + 1)), leftOut: [] }
  }
  const rest = numeric.filter(name => !taken.includes(name))
  const columns = rest.filter(name => !NOT_FEATURES.has(name))
  if (columns.length === 0)
    throw new UsageError(`${file}: no numeric column besides the label; name some with --features`)
  return { columns, names: columns, leftOut: rest.filter(name => NOT_FEATURES.has(name)) }
}
