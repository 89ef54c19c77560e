import { DataError } from '../../../base/errors.ts'

/** y = (x − offset) / scale per feature, then kept within low … high where there are such. */
export interface Scaler {
  offset: Float64Array
  scale: Float64Array
  /** What stands for an unknown value: the centre of the training data, NaN where it has none. */
  centre: Float64Array
  bounds?: readonly [low: number, high: number]
  /** Features it was fitted on, when it remembers. */
  names?: string[]
}

/** What an object of scikit-learn holds, by attribute, as asked for by whoever knows its file. */
interface Held {
  /** Names of all attributes that are there. */
  keys: readonly string[]
  /** A vector; undefined where the attribute is absent or None. Throws DataError for others. */
  vector(key: string): Float64Array | undefined
  /** A plain value: true, false, a number, a list. */
  plain(key: string): unknown
}

/** Attributes that no class computes with. */
export const COMMON = [
  'copy',
  'n_features_in_',
  'n_samples_seen_',
  'feature_names_in_',
  '_sklearn_version',
  '_sklearn_output_config',
]

/** Attributes of each class (scikit-learn 0.22 to 1.8); any other may change what it says. */
const ATTRIBUTES: Record<string, readonly string[]> = {
  StandardScaler: ['with_mean', 'with_std', 'mean_', 'var_', 'scale_'],
  RobustScaler: [
    'with_centering',
    'with_scaling',
    'quantile_range',
    'unit_variance',
    'center_',
    'scale_',
  ],
  MinMaxScaler: [
    'feature_range',
    'clip',
    'min_',
    'scale_',
    'data_min_',
    'data_max_',
    'data_range_',
  ],
  MaxAbsScaler: ['clip', 'max_abs_', 'scale_'],
}

/** Classes of scalers that are read. */
export const SCALERS = Object.keys(ATTRIBUTES)

/**
 * What a fitted scaler of scikit-learn does, from its attributes. Every option is followed;
 * `quantile_range` and `unit_variance` are in its `scale_` already. Throws DataError for an option
 * that is not known here, and where it has not been fitted.
 */
export function scalerOf(name: string, held: Held): Scaler {
  const attributes = ATTRIBUTES[name]
  if (attributes === undefined)
    throw new DataError(`${name} is not one of ${SCALERS.join(', ')}; scale within the graph`)
  const odd = held.keys.find(key => !attributes.includes(key) && !COMMON.includes(key))
  if (odd !== undefined)
    throw new DataError(`${name} has an option ${odd}, which is not known here; it is refused`)
  const scaler = MAKERS[name]!(held)
  const { offset, scale } = scaler
  if (offset.length !== scale.length || offset.length === 0)
    throw new DataError(`${name}: centre and scale must have one positive entry per feature`)
  if (![...offset].every(Number.isFinite) || ![...scale].every(x => x > 0 && x < Infinity))
    throw new DataError(`${name}: centre and scale must have one positive entry per feature`)
  return scaler
}

const MAKERS: Record<string, (held: Held) => Scaler> = {
  // transform: X −= mean_ if with_mean; X /= scale_ if with_std. mean_ is kept either way.
  StandardScaler(held) {
    const variance = held.vector('var_')
    const found = { centre: held.vector('mean_'), scale: held.vector('scale_') ?? rootOf(variance) }
    return centred(held, found, ['with_mean', 'with_std'])
  },
  // transform: X −= center_ if with_centering; X /= scale_ if with_scaling.
  RobustScaler(held) {
    const found = { centre: held.vector('center_'), scale: held.vector('scale_') }
    const [low, high] = pairOf(held, 'quantile_range') ?? [25, 75]
    if (!(low >= 0 && low <= high && high <= 100))
      throw new DataError(`${low} to ${high} are no quantiles`, { field: 'quantile_range' })
    isOn(held, 'unit_variance', false)
    return centred(held, found, ['with_centering', 'with_scaling'])
  },
  // transform: X·scale_ + min_, kept within feature_range if clip.
  MinMaxScaler(held) {
    const [low, high] = pairOf(held, 'feature_range') ?? [0, 1]
    if (!(low < high))
      throw new DataError(`${low} to ${high} is no range`, { field: 'feature_range' })
    const { factor, least } = minMaxOf(held, low, high)
    const centre = least.map((min, f) => ((low + high) / 2 - min) / factor[f]!)
    return {
      offset: least.map((min, f) => -min / factor[f]!),
      scale: factor.map(x => 1 / x),
      centre,
      ...(isOn(held, 'clip', false) ? { bounds: [low, high] } : {}),
    }
  },
  // transform: X / scale_, kept within −1 … 1 if clip; its range is symmetric around 0.
  MaxAbsScaler(held) {
    const scale = held.vector('scale_') ?? held.vector('max_abs_')
    if (scale === undefined) throw unfitted('MaxAbsScaler scales', 'scale_')
    const zero = new Float64Array(scale.length)
    return {
      offset: zero,
      scale,
      centre: zero,
      ...(isOn(held, 'clip', false) ? { bounds: [-1, 1] } : {}),
    }
  },
}

interface Found {
  centre: Float64Array | undefined
  scale: Float64Array | undefined
}

function centred(held: Held, { centre, scale }: Found, [moves, spreads]: [string, string]): Scaler {
  const [isMoved, isSpread] = [isOn(held, moves, true), isOn(held, spreads, true)]
  const width = (isMoved ? centre : undefined)?.length ?? (isSpread ? scale : undefined)?.length
  if (width === undefined && (isMoved || isSpread))
    throw unfitted('the scaler centres or scales', isMoved ? moves : spreads)
  const wide = width ?? centre?.length ?? scale?.length ?? Number(held.plain('n_features_in_'))
  if (!(wide > 0)) throw unfitted('the scaler takes some number of features', 'n_features_in_')
  if (isMoved && centre === undefined) throw unfitted('the scaler centres', moves)
  if (isSpread && scale === undefined) throw unfitted('the scaler scales', spreads)
  return {
    offset: isMoved ? centre! : new Float64Array(wide),
    scale: isSpread ? scale! : new Float64Array(wide).fill(1),
    centre: centre ?? new Float64Array(wide).fill(Number.NaN),
  }
}

const unfitted = (what: string, field: string): DataError =>
  new DataError(`${what}, but has no numbers for it: it was not fitted`, { field })

/** σ of var_, 1 where a feature never changed (_handle_zeros_in_scale). */
const rootOf = (variance: Float64Array | undefined): Float64Array | undefined =>
  variance?.map(x => (x === 0 ? 1 : Math.sqrt(x)))

/** scale_ and min_, or both from data_min_ and data_max_ as fit computes them. */
function minMaxOf(held: Held, low: number, high: number) {
  const [factor, least] = [held.vector('scale_'), held.vector('min_')]
  if (factor !== undefined && least !== undefined) return { factor, least }
  const [from, to] = [held.vector('data_min_'), held.vector('data_max_')]
  if (from === undefined || to === undefined || from.length !== to.length)
    throw unfitted('MinMaxScaler scales', 'scale_')
  const made = from.map((min, f) => (high - low) / (to[f]! === min ? 1 : to[f]! - min))
  return { factor: made, least: from.map((min, f) => low - min * made[f]!) }
}

function isOn(held: Held, key: string, fallback: boolean): boolean {
  const value = held.plain(key) ?? fallback
  if (value === true || value === 1) return true
  if (value === false || value === 0) return false
  throw new DataError('is neither true nor false', { field: key })
}

function pairOf(held: Held, key: string): [number, number] | undefined {
  const value = held.plain(key)
  if (value === undefined || value === null) return undefined
  const [low, high, ...more] = Array.isArray(value) ? (value as unknown[]) : []
  if (typeof low !== 'number' || typeof high !== 'number' || more.length > 0)
    throw new DataError('is not a pair of numbers', { field: key })
  return [low, high]
}
