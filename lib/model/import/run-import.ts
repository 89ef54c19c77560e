import { readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { DataError, messageOf, UsageError } from '../../base/errors.ts'
import { type ReadModel, readModel } from '../../onnx/read-model.ts'
import { openSession } from '../../onnx/session.ts'
import type { Bundle, BundleInput } from '../bundle.ts'
import { cardText } from '../card.ts'
import { sha256, writeBundle } from '../files.ts'
import { withCategories } from '../foreign-trees/category-numbers.ts'
import { readForest } from '../foreign-trees/foreign-file.ts'
import type { Forest } from '../foreign-trees/foreign-forest.ts'
import { checkForest, turnedNote } from '../foreign-trees/forest-check.ts'
import { forestGraph } from '../foreign-trees/forest-graph.ts'
import { SET_OF } from '../heads.ts'
import type { Classes } from './class-words.ts'
import { editModel } from './edit.ts'
import { withExternalData } from './external-data.ts'
import { withImportCenters } from './import-centers.ts'
import type { ImportFlags } from './import-flags.ts'
import { type Parity, parityOf, trusted } from './import-parity.ts'
import { groupsOf, specsOf } from './import-specs.ts'
import { type GivenRows, readParityFile } from './parity-file.ts'
import { type Plan, planImport } from './plan-import.ts'
import { scalerFromJson } from './scalers/json-scaler.ts'
import { type Choice, scalerFromPickle } from './scalers/scalers.ts'
import type { Scaler } from './scalers/sklearn-scaler.ts'

/**
 * Makes a bundle of an ONNX file from elsewhere. Throws UsageError for what the call lacks and
 * DataError for files that are not what they should be.
 */
export async function importModel(file: string, given: ImportFlags): Promise<Bundle> {
  const { out } = given
  if (out === undefined) throw new UsageError('import: --out is needed')
  const bytes = read(file)
  const forest = forestIn(bytes, file, given)
  const flags = forest === undefined ? given : { ...given, features: featuresOf(forest, given) }
  const { bytes: original, files } =
    forest === undefined
      ? withExternalData(bytes, dirname(resolve(file)))
      : { bytes: forestGraph(forest), files: [] }
  const found = await opened(original)
  const specs = specsOf(flags, found)
  const plan = planImport(found, specs, {
    set: flags.set ?? SET_OF[specs.kind],
    classes: classesOf(forest),
    scaler: ({ scaler: key, isScaled }, names) =>
      flags.scalers === undefined || !isScaled
        ? undefined
        : readScaler(flags.scalers, { key, features: names }),
  })
  const rows =
    flags.parity === undefined
      ? undefined
      : readParityFile(
          flags.parity,
          plan.edit.inputs,
          plan.edit.heads.map((head, k) => ({ ...head, output: specs.heads[k]!.output })),
        )
  const edit = await trusted(original, plan)
  const model = editModel(original, edit)
  const parity = await parityOf({ file, original, model, edit, heads: plan.heads, forest }, rows)
  if (forest !== undefined) {
    await checkForest(forest, original)
    plan.notes.push(`Trees of ${forest.source}.`, ...forest.notes, ...turnedNote(forest))
  }
  if (files.length > 0) {
    const more = files.length > 3 ? ` and ${files.length - 3} more files` : ''
    plan.notes.push(`External data of ${files.slice(0, 3).join(', ')}${more} is in the bundle.`)
  }
  const shown = given.mostUnknown ?? (rows && unknownIn(plan, rows))
  // What nobody has measured is not to be acted on.
  const mostUnknown = shown ?? 0
  plan.notes.push(noteOf(shown))
  const from = { file, original: bytes, dir: resolve(out), kind: specs.kind, mostUnknown }
  const inputs = withImportCenters(plan, rows)
  const bundle = bundleOf({ ...from, model, plan, inputs, parity })
  writeBundle(out, bundle, model, cardText(bundle))
  return bundle
}

/** Most features that were unknown on one of the rows it is tested on here. */
function unknownIn({ inputs }: Plan, { inputs: raw, count }: GivenRows): number {
  const counts = new Int32Array(count)
  for (const [k, { features }] of inputs.entries()) {
    if (features === undefined) continue
    const width = raw[k]!.length / count
    for (const [at, value] of raw[k]!.entries())
      if (Number.isNaN(value)) counts[Math.floor(at / width)] = counts[Math.floor(at / width)]! + 1
  }
  return counts.reduce((most, each) => Math.max(most, each), 0)
}

const noteOf = (mostUnknown: number | undefined): string =>
  mostUnknown === undefined
    ? 'No rows tell how it does where inputs are unknown: a line with an unknown input gets no ' +
      'score from it (import --parity or --most-unknown).'
    : `A line with more than ${mostUnknown} unknown inputs gets no score from it.`

/** The trees in a file, asking for the categories that lines hold; undefined in a graph. */
function forestIn(bytes: Buffer, file: string, flags: ImportFlags): Forest | undefined {
  const forest = readForest(bytes, file)
  const given = groupsOf(flags.categories ?? [])
  if (forest === undefined) {
    if (given.size > 0) throw new UsageError('--categories is of trees that pandas coded')
    return undefined
  }
  const [mapped] = groupsOf(flags.input ?? []).values()
  return withCategories(forest, mapped ?? flags.features ?? forest.names ?? [], given)
}

/** Features in the order of the trees: as given, else by the names in the file. */
function featuresOf({ names, source }: Forest, flags: ImportFlags): ImportFlags['features'] {
  const { features, input } = flags
  const isMapped = input?.some(word => word.includes('=')) ?? false
  if (names === undefined || isMapped) return features
  const moved = names.find((name, k) => features?.includes(name) && features[k] !== name)
  if (moved !== undefined)
    throw new DataError(`${source} was trained on the features in the order ${names.join(',')}`)
  return features ?? names
}

function classesOf(forest: Forest | undefined): Classes | undefined {
  const words = forest?.classes
  return words && { words, isText: words.some(word => !/^-?\d+$/.test(word)) }
}

/** What a file says of itself, once onnxruntime has opened it. */
async function opened(bytes: Uint8Array): Promise<ReadModel> {
  try {
    const session = await openSession(bytes)
    await session.release()
  } catch (error) {
    const { opset, ir } = versionsOf(bytes)
    if (!/opset|IR version/i.test(messageOf(error))) throw error
    throw new UsageError(
      `the file is of opset ${opset} and IR version ${ir}, newer than onnxruntime runs here; ` +
        'export it again with opset_version=17 (IR version 8)',
    )
  }
  const model = readModel(bytes)
  if (model.opset < LEAST_OPSET)
    throw new UsageError(
      `the file is of opset ${model.opset}, older than ${LEAST_OPSET}; export it again with ` +
        'opset_version=17',
    )
  return model
}

/** The first with IsNaN, Where and Scan over rows. */
const LEAST_OPSET = 9

function versionsOf(bytes: Uint8Array): Pick<ReadModel, 'opset' | 'ir'> {
  try {
    return readModel(bytes)
  } catch {
    return { opset: Number.NaN, ir: Number.NaN }
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

function readScaler(path: string, choice: Choice): Scaler {
  try {
    const bytes = read(path)
    return isJson(path, bytes)
      ? scalerFromJson(bytes.toString('utf8'), choice)
      : scalerFromPickle(bytes, choice)
  } catch (error) {
    if (error instanceof DataError)
      throw new DataError(`${path}: ${error.message}`, { field: error.field })
    throw error
  }
}

const isJson = (path: string, bytes: Buffer): boolean =>
  path.endsWith('.json') || bytes.subarray(0, 64).toString('utf8').trimStart().startsWith('{')

/** A file from elsewhere and what was made of it. */
interface Imported {
  file: string
  /** Bytes of the file as it came, and of the model made of it. */
  original: Uint8Array
  model: Uint8Array
  /** Folder of the bundle, `<name>/<version>`. */
  dir: string
  kind: Bundle['kind']
  plan: Plan
  inputs: BundleInput[]
  parity: Parity
  /** Unknown inputs up to which it may be asked. */
  mostUnknown: number
}

function bundleOf(made: Imported): Bundle {
  const { file, original, dir, kind, model, plan, inputs, parity, mostUnknown } = made
  return {
    format: 1,
    name: basename(dirname(dir)),
    version: basename(dir),
    kind,
    // Kernels of networks can differ in the last digits between one row and several.
    model: { file: 'model.onnx', sha256: sha256(model), bytes: model.length, minBatch: 2 },
    inputs,
    heads: plan.heads,
    algorithm: { name: 'imported', settings: {} },
    seed: 0,
    data: {
      source: `imported from ${basename(file)}`,
      hash: sha256(original),
      label: 'unknown: trained elsewhere',
      parts: {},
    },
    metrics: [],
    mostUnknown,
    parity: parity.kept,
    notes: [
      'Imported and never measured here: run evaluate on rows that it was not trained on ' +
        'before promoting it.',
      `On ${parity.rows} rows it differs from the file as it came by ` +
        `${parity.difference.toExponential(1)} at most.`,
      ...(parity.python === undefined
        ? []
        : [`From what Python says of them it differs by ${parity.python.toExponential(1)}.`]),
      ...(parity.turned === 0
        ? []
        : [`${parity.turned} of these rows of doubles take another way through the trees.`]),
      ...plan.notes,
    ],
  }
}
