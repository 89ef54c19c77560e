import { DataError, show } from '../../../base/errors.ts'
import { type Choice, chosen } from './scalers.ts'
import { COMMON, SCALERS, type Scaler, scalerOf } from './sklearn-scaler.ts'

type Fields = Record<string, unknown>
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads a scaler from JSON: the attributes of scikit-learn, `_` optional: {"mean", "scale"},
 * {"center", "scale"}, {"min", "scale"}, {"data_min", "data_max"}; `std` stands for `scale` and
 * {"min", "max"} for the range of the data. A file may hold several by name, each such an object.
 * Options (`with_mean`, `clip`, …) count as in a pickle. Throws DataError for any other key.
 */
export function scalerFromJson(
  text: string,
  choice: Choice = { key: undefined, features: [] },
): Scaler {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new DataError('the scalers file is not JSON')
  }
  if (!isFields(value)) throw new DataError('the scalers file is no JSON object')
  const fields = value
  const several = Object.keys(fields).filter(key => isFields(fields[key]) && !COMMON.includes(key))
  return chosen(several.length > 0 ? several : undefined, choice, key =>
    fromFields(key === undefined ? fields : (fields[key] as Fields)),
  )
}

/** Keys that say which class it is, or which features it was fitted on. */
const CLASS = ['type', 'class', 'name']
const NAMES = ['feature_names_in_', 'feature_names_in', 'feature_names', 'features', 'columns']

function fromFields(given: Fields): Scaler {
  const said = CLASS.map(key => given[key]).find(value => value !== undefined)
  const names = NAMES.map(key => given[key]).find(value => value !== undefined)
  const held = new Map<string, unknown>()
  for (const [key, value] of Object.entries(given)) {
    if (CLASS.includes(key) || NAMES.includes(key) || value === null) continue
    held.set(attributeOf(key, given), value)
  }
  const name = said === undefined ? kindOf(held) : String(said)
  const scaler = scalerOf(name, {
    keys: [...held.keys()],
    vector: key => vectorOf(held.get(key), key),
    plain: key => held.get(key),
  })
  if (names === undefined) return scaler
  if (!Array.isArray(names) || names.some(each => typeof each !== 'string'))
    throw new DataError(`expected a list of names, got ${show(names)}`, { field: NAMES[0] })
  return { ...scaler, names: names as string[] }
}

/** Attributes whose name in scikit-learn ends in an underscore. */
const FITTED =
  /^(mean|var|scale|center|min|data_(min|max|range)|max_abs|n_(features_in|samples_seen))_?$/

function attributeOf(key: string, given: Fields): string {
  if (key === 'std' || key === 'sigma') return 'scale_'
  if (key === 'median' || key === 'centre') return 'center_'
  const hasScale = ['scale', 'scale_', 'std'].some(each => given[each] !== undefined)
  if (!hasScale && (key === 'min' || key === 'max')) return `data_${key}_`
  return FITTED.test(key) && !key.endsWith('_') ? `${key}_` : key
}

function kindOf(held: ReadonlyMap<string, unknown>): string {
  const has = (...keys: string[]): boolean => keys.some(key => held.has(key))
  if (has('center_', 'with_centering', 'with_scaling')) return 'RobustScaler'
  if (has('min_', 'data_min_', 'feature_range')) return 'MinMaxScaler'
  if (has('max_abs_')) return 'MaxAbsScaler'
  if (has('mean_', 'var_', 'scale_', 'with_mean', 'with_std')) return 'StandardScaler'
  const keys = [...held.keys()].map(key => show(key)).join(', ')
  throw new DataError(`no scaler is told by the keys ${keys}; expected those of ${SCALERS}`)
}

function vectorOf(value: unknown, field: string): Float64Array | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value) || value.some(x => typeof x !== 'number'))
    throw new DataError(`expected a list of numbers, got ${show(value)}`, { field })
  return Float64Array.from(value as number[])
}
