import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { DataError, messageOf, UsageError } from '../../base/errors.ts'
import { makeRng } from '../../base/rng.ts'
import { openSession, type Session } from '../../onnx/session.ts'
import type { Bundle, Kind } from '../bundle.ts'
import { cardText } from '../card.ts'
import { sha256, writeBundle } from '../files.ts'
import { HEADS, SET_OF } from '../heads.ts'
import { inputOf } from '../set-input.ts'
import { editModel, HEAD } from './edit.ts'
import type { ImportFlags } from './import-flags.ts'
import { type Choice, type Scaler, scalerFromJson, scalerFromPickle } from './scalers.ts'

const PARITY_ROWS = 5

/**
 * Makes a bundle of an ONNX file from elsewhere. Throws UsageError for what the call lacks and
 * DataError for files that are not what they should be.
 */
export async function importModel(file: string, flags: ImportFlags): Promise<Bundle> {
  const { out, features } = flags
  if (out === undefined || features === undefined)
    throw new UsageError('import: --features and --out are needed')
  const head = flags.head ?? HEADS[flags.kind][0]!
  if (!HEADS[flags.kind].includes(head))
    throw new UsageError(`--head ${head}: kind ${flags.kind} has ${HEADS[flags.kind].join(', ')}`)
  const scaler =
    flags.scalers === undefined
      ? undefined
      : readScaler(flags.scalers, { key: flags.scaler, features })
  const bytes = read(file)
  const model = editModel(bytes, {
    ...(await ends(bytes, flags)),
    width: features.length,
    scaler,
    column: flags.column,
    head,
  })
  const { rows, values } = await tryOut(model, features.length, scaler, file)
  const input = inputOf(flags.set ?? SET_OF[flags.kind], features)
  const bundle = bundleOf({
    file,
    original: bytes,
    dir: resolve(out),
    kind: flags.kind,
    head,
    input,
    model,
    rows,
    values,
  })
  writeBundle(out, bundle, model, cardText(bundle))
  return bundle
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

function readScaler(path: string, choice: Choice): Scaler {
  const { features } = choice
  try {
    const bytes = read(path)
    const scaler = path.endsWith('.json')
      ? scalerFromJson(bytes.toString('utf8'))
      : scalerFromPickle(bytes, choice)
    if (scaler.offset.length !== features.length)
      throw new DataError(
        `scales ${scaler.offset.length} features, --features names ${features.length}`,
      )
    const { names } = scaler
    if (names?.every(name => features.includes(name)) && names.join() !== features.join())
      throw new DataError(`was fitted on the features in the order ${names.join(',')}`)
    return scaler
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`${path}: ${error.message}`)
    throw error
  }
}

/** Names of the graph input and output, as given or as the file has them. */
async function ends(
  bytes: Uint8Array,
  flags: ImportFlags,
): Promise<{ input: string; output: string }> {
  const session = await openSession(bytes)
  await session.release()
  return {
    input: flags.input ?? session.inputs[0]!,
    output: flags.output ?? session.outputs.at(-1)!,
  }
}

/**
 * Runs the edited file on a few rows around the scaler's centre: a head must give one finite number
 * per row.
 */
async function tryOut(model: Uint8Array, width: number, scaler: Scaler | undefined, file: string) {
  const rng = makeRng('parity')
  const rows = Float32Array.from({ length: PARITY_ROWS * width }, (_, k) => {
    const f = k % width
    return (scaler?.offset[f] ?? 0) + (scaler?.scale[f] ?? 1) * rng.normal()
  })
  let session: Session | undefined
  try {
    session = await openSession(model, 2)
    const outputs = await session.run(
      [{ name: 'features', data: rows, shape: [width] }],
      PARITY_ROWS,
    )
    const values = Array.from(outputs.get(HEAD) ?? [])
    if (values.length !== PARITY_ROWS || !values.every(Number.isFinite))
      throw new DataError(
        `${file}: its output is not one number per row; choose a column with --column`,
      )
    return { rows, values }
  } catch (error) {
    if (error instanceof DataError) throw error
    throw new DataError(
      `${file}: does not run on ${width} features: ${messageOf(error).split('\n')[0]}`,
    )
  } finally {
    await session?.release()
  }
}

/** A file from elsewhere and what was made of it. */
interface Imported {
  file: string
  /** Bytes of the file as it came, and of the model made of it. */
  original: Uint8Array
  model: Uint8Array
  /** Folder of the bundle, `<name>/<version>`. */
  dir: string
  kind: Kind
  head: string
  input: Bundle['inputs'][0]
  /** Rows on which the model was tried out, and what it answered. */
  rows: Float32Array
  values: number[]
}

function bundleOf(made: Imported): Bundle {
  const { file, original, dir, kind, head, input, model, rows, values } = made
  return {
    format: 1,
    name: basename(dirname(dir)),
    version: basename(dir),
    kind,
    // Kernels of networks can differ in the last digits between one row and several.
    model: { file: 'model.onnx', sha256: sha256(model), bytes: model.length, minBatch: 2 },
    inputs: [input],
    heads: [{ name: head, output: HEAD }],
    algorithm: { name: 'imported', settings: {} },
    seed: 0,
    data: {
      source: `imported from ${basename(file)}`,
      hash: sha256(original),
      label: 'unknown: trained elsewhere',
      parts: {},
    },
    metrics: [],
    parity: {
      inputs: [
        { input: 'features', rows: PARITY_ROWS, data: Buffer.from(rows.buffer).toString('base64') },
      ],
      outputs: { [HEAD]: values },
    },
    notes: [
      'Imported and never measured here: run evaluate on rows that it was not trained on ' +
        'before promoting it.',
    ],
  }
}
