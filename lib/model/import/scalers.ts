import { unzipSync } from 'node:zlib'
import { DataError, messageOf, show } from '../../base/errors.ts'
import { type Built, readPickle } from './pickle.ts'

/** y = (x − offset) / scale per feature. */
export interface Scaler {
  offset: Float64Array
  scale: Float64Array
  /** Features it was fitted on, when it remembers. */
  names?: string[]
}

/** Classes that a scaler pickle consists of (scikit-learn ≥ 0.22 with numpy 1 and 2). */
const ALLOWED: ReadonlySet<string> = new Set([
  'sklearn.preprocessing._data.StandardScaler',
  'sklearn.preprocessing._data.RobustScaler',
  'sklearn.preprocessing._data.MinMaxScaler',
  'sklearn.preprocessing.data.StandardScaler',
  'joblib.numpy_pickle.NumpyArrayWrapper',
  // Protocol 2 carries bytes as text: encode(text, 'latin1').
  '_codecs.encode',
  ...[
    'numpy',
    'numpy.core.multiarray',
    'numpy._core.multiarray',
    'numpy.core.numeric',
    'numpy._core.numeric',
  ].flatMap(module =>
    ['ndarray', 'dtype', '_reconstruct', 'scalar', '_frombuffer'].map(name => `${module}.${name}`),
  ),
])

/** Which scaler of a file with several is meant. */
export interface Choice {
  /** Its key. */
  key: string | undefined
  features: readonly string[]
}

/**
 * Reads a scaler that pickle or joblib dumped, also compressed, without executing anything. Of a
 * dict of scalers it takes the one of the key, the only one, or puts together one for each feature.
 * Throws DataError for anything else.
 */
export function scalerFromPickle(
  bytes: Uint8Array,
  { key, features }: Choice = { key: undefined, features: [] },
): Scaler {
  const value = readPickle(unpacked(bytes), ALLOWED)
  if (!(value instanceof Map)) {
    if (key !== undefined) throw new DataError(`holds one scaler, not a dict with the key ${key}`)
    return scalerOf(value)
  }
  const keys = [...value.keys()].map(String)
  const wanted = key ?? (keys.length === 1 ? keys[0] : undefined)
  if (wanted !== undefined && keys.includes(wanted)) return scalerOf(value.get(wanted))
  if (wanted === undefined && features.length > 0 && features.every(name => value.has(name)))
    return joined(features.map(name => scalerOf(value.get(name))))
  throw new DataError(
    `holds scalers ${keys.map(name => show(name)).join(', ')}; choose one with --scaler`,
  )
}

function joined(parts: readonly Scaler[]): Scaler {
  if (parts.some(({ offset }) => offset.length !== 1))
    throw new DataError('a scaler per feature must scale one feature')
  const of = (pick: (part: Scaler) => Float64Array) =>
    Float64Array.from(parts, part => pick(part)[0]!)
  return { offset: of(({ offset }) => offset), scale: of(({ scale }) => scale) }
}

function scalerOf(value: unknown): Scaler {
  const built = value as Built
  const name =
    typeof value === 'object' && value !== null && 'class' in value
      ? built.class.split('.').at(-1)!
      : ''
  if (!name.endsWith('Scaler') || !(built.state instanceof Map))
    throw new DataError('expected a pickled StandardScaler, RobustScaler or MinMaxScaler')
  const state = built.state as Map<string, unknown>
  const at = (key: string): unknown =>
    state.get(key) === undefined ? undefined : arrayOf(state.get(key), key)
  const names = (state.get('feature_names_in_') as Built | undefined)?.state as
    | unknown[]
    | undefined
  const known = Array.isArray(names?.[4]) ? { names: names[4].map(String) } : {}
  return { ...fromParts(name, key => at(key) as Float64Array | undefined), ...known }
}

/** Bytes that a hostile file may not exceed once unpacked. */
const UNPACKED = 64 * 2 ** 20
const OTHERS: Record<string, string> = {
  fd377a58: 'xz',
  '425a68': 'bz2',
  '5d0000': 'lzma',
  '04224d18': 'lz4',
}

/** The pickle in what joblib's compress wrote: zlib or gzip. */
function unpacked(bytes: Uint8Array): Uint8Array {
  const head = Buffer.from(bytes.subarray(0, 4)).toString('hex')
  const other = Object.entries(OTHERS).find(([magic]) => head.startsWith(magic))
  if (other !== undefined)
    throw new DataError(`compressed with ${other[1]}; dump it again with compress=0 or zlib`)
  if (!head.startsWith('78') && !head.startsWith('1f8b')) return bytes
  try {
    return unzipSync(bytes, { maxOutputLength: UNPACKED })
  } catch (error) {
    throw new DataError(
      `broken compression, perhaps truncated after byte ${bytes.length}: ${messageOf(error)}`,
    )
  }
}

/**
 * Reads one scaler from JSON: {"mean" | "center", "scale"} or {"min", "scale"} as scikit-learn
 * names them, `_` optional.
 */
export function scalerFromJson(text: string): Scaler {
  let value: Record<string, unknown>
  try {
    value = JSON.parse(text) as Record<string, unknown>
  } catch {
    throw new DataError('the scalers file is not JSON')
  }
  const at = (key: string): Float64Array | undefined => {
    const list = value[key] ?? value[key.slice(0, -1)]
    if (list === undefined || list === null) return undefined
    if (!Array.isArray(list) || list.some(x => typeof x !== 'number'))
      throw new DataError(`expected a list of numbers, got ${show(list)}`, { field: key })
    return Float64Array.from(list)
  }
  return fromParts(
    at('min_') === undefined ? 'StandardScaler' : 'MinMaxScaler',
    key => at(key) ?? at(key === 'mean_' ? 'center_' : key),
  )
}

/**
 * StandardScaler (x−mean)/scale, RobustScaler (x−center)/scale, MinMaxScaler x·scale + min = (x −
 * (−min/scale))/(1/scale).
 */
function fromParts(name: string, at: (key: string) => Float64Array | undefined): Scaler {
  const scale = at('scale_')
  const centre = at(
    name === 'MinMaxScaler' ? 'min_' : name === 'RobustScaler' ? 'center_' : 'mean_',
  )
  const width = scale?.length ?? centre?.length
  if (width === undefined) throw new DataError(`${name} has neither centre nor scale`)
  const spread = scale ?? new Float64Array(width).fill(1)
  const middle = centre ?? new Float64Array(width)
  if (middle.length !== width || spread.some(x => !(x > 0)))
    throw new DataError(`${name}: centre and scale must have one positive entry per feature`)
  if (name !== 'MinMaxScaler') return { offset: middle, scale: spread }
  return { offset: middle.map((min, f) => -min / spread[f]!), scale: spread.map(x => 1 / x) }
}

/** Contents of a pickled numpy array of float64 or float32, one-dimensional. */
function arrayOf(value: unknown, field: string): Float64Array {
  const built = value as Built
  const what =
    typeof value === 'object' && value !== null && 'class' in value
      ? built.class.split('.').at(-1)
      : ''
  const [type, held] =
    what === '_frombuffer'
      ? [built.args[1], built.args[0]]
      : [(built.state as unknown[])?.[2], (built.state as unknown[])?.[4]]
  const bytes = bytesOf(held)
  const code = String((type as Built)?.args?.[0])
  if (!(bytes instanceof Uint8Array) || !['f8', '<f8', 'f4', '<f4'].includes(code))
    throw new DataError('expected an array of float64 or float32', { field })
  if (((type as Built).state as unknown[] | undefined)?.[1] === '>')
    throw new DataError('big-endian arrays are not read', { field })
  const buffer = bytes.buffer.slice(
    bytes.byteOffset,
    bytes.byteOffset + bytes.byteLength,
  ) as ArrayBuffer
  return code.endsWith('8') ? new Float64Array(buffer) : Float64Array.from(new Float32Array(buffer))
}

function bytesOf(value: unknown): unknown {
  const built = value as Built | undefined
  const [text, encoding] = built?.class === '_codecs.encode' ? built.args : []
  return typeof text === 'string' && encoding === 'latin1'
    ? Uint8Array.from(Buffer.from(text, 'latin1'))
    : value
}
