import { unzipSync } from 'node:zlib'
import { DataError, messageOf, show } from '../../../base/errors.ts'
import { didYouMean } from '../../../base/suggest.ts'
import { type Built, readPickle } from './pickle.ts'
import { arrayOf, builtName, plainOf } from './pickled-array.ts'
import { SCALERS, type Scaler, scalerOf } from './sklearn-scaler.ts'

/** Classes that a scaler pickle consists of (scikit-learn ≥ 0.22 with numpy 1 and 2). */
const ALLOWED: ReadonlySet<string> = new Set([
  ...SCALERS.flatMap(name => [
    `sklearn.preprocessing._data.${name}`,
    `sklearn.preprocessing.data.${name}`,
  ]),
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

/** What to do with another class of scikit-learn. */
const adviceOn = (name: string): string =>
  name.startsWith('sklearn.')
    ? `; of scikit-learn ${SCALERS.join(', ')} are read: put ${name.split('.').at(-1)} into the ` +
      'graph, as a step of the model that skl2onnx exports'
    : ''

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
  choice: Choice = { key: undefined, features: [] },
): Scaler {
  const value = readPickle(unpacked(bytes), { classes: ALLOWED, adviceOn })
  if (!(value instanceof Map)) return chosen(undefined, choice, () => fromPickled(value))
  const held = new Map([...value].map(([key, each]) => [String(key), each]))
  return chosen([...held.keys()], choice, key => fromPickled(held.get(key!)))
}

/**
 * The scaler that is meant: that of the key, the only one, or one put together of one for each
 * feature. Throws DataError where that is none of those there.
 */
export function chosen(
  keys: readonly string[] | undefined,
  { key, features }: Choice,
  read: (key: string | undefined) => Scaler,
): Scaler {
  if (keys === undefined) {
    if (key !== undefined) throw new DataError(`holds one scaler, not a dict with the key ${key}`)
    return read(undefined)
  }
  const wanted = key ?? (keys.length === 1 ? keys[0] : undefined)
  if (wanted !== undefined && keys.includes(wanted)) return read(wanted)
  if (wanted === undefined && features.length > 0 && features.every(name => keys.includes(name)))
    return joined(features.map(read))
  const named = keys.map(name => show(name)).join(', ')
  throw new DataError(
    `holds scalers ${named}; choose one with --scaler${didYouMean(wanted ?? '', keys)}`,
  )
}

function joined(parts: readonly Scaler[]): Scaler {
  if (parts.some(({ offset }) => offset.length !== 1))
    throw new DataError('a scaler per feature must scale one feature')
  const of = (pick: (part: Scaler) => Float64Array) =>
    Float64Array.from(parts, part => pick(part)[0]!)
  const bounds = parts.map(part => part.bounds?.join() ?? '')
  if (new Set(bounds).size > 1)
    throw new DataError('scalers of single features clip to different ranges; that is refused')
  return {
    offset: of(({ offset }) => offset),
    scale: of(({ scale }) => scale),
    centre: of(({ centre }) => centre),
    ...(parts[0]?.bounds === undefined ? {} : { bounds: parts[0].bounds }),
  }
}

function fromPickled(value: unknown): Scaler {
  const name = builtName(value)
  const { state } = value as Built
  if (!SCALERS.includes(name) || !(state instanceof Map))
    throw new DataError(`expected a pickled ${SCALERS.join(', ')}`)
  const attributes = state as Map<string, unknown>
  const scaler = scalerOf(name, {
    keys: [...attributes.keys()].map(String),
    vector: key =>
      attributes.get(key) === undefined ? undefined : arrayOf(attributes.get(key), key),
    plain: key => plainOf(attributes.get(key), key),
  })
  const names = (attributes.get('feature_names_in_') as Built | undefined)?.state
  const words = Array.isArray(names) ? (names as unknown[])[4] : undefined
  return Array.isArray(words) ? { ...scaler, names: words.map(String) } : scaler
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
