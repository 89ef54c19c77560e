import { join } from 'node:path'
import { DataError, UsageError } from '../../base/errors.ts'
import { groupNumbers } from '../../maths/confidence-interval.ts'
import type { Aim } from '../../maths/loss.ts'
import { type Bundle, featureName } from '../../model/bundle.ts'
import type { LoadedBundle } from '../../model/files.ts'
import { aimOf } from '../../model/heads.ts'
import { type GraphInput, openSession } from '../../onnx/session.ts'
import { OUTCOMES } from '../../records/prediction.ts'
import { columnNames, readTable } from '../../table/read-table.ts'
import { takeRows, toMatrix } from '../../table/table.ts'
import { writtenOf } from '../../table/time-flags.ts'
import { classLabels } from '../../train/data/class-labels.ts'
import { isExport, readExport } from '../../train/data/read-export.ts'
import { readWindows } from '../../train/data/read-windows.ts'
import {
  columnsOf,
  preparePrice,
  prepareSequence,
  slicesOf,
} from '../../train/networks/network-rows.ts'
import { feedsOf } from '../../train/networks/serve-network.ts'
import type { NetworkFlags, TrainFlags } from '../../train/train-flags.ts'
import type { Recipe, TrainerRecipe } from '../recipe/recipe.ts'
import { bundleRows } from './bundle-rows.ts'
import { barOf } from './price-bar.ts'

/** A head beside the first one: what came of it, NaN where that is unknown. */
interface OtherHead {
  name: string
  aim: Aim
  labels: Float64Array
}

/** Labelled rows of an export or a table, for the first head of a model. */
export interface Labelled {
  aim: Aim
  time: Float64Array
  /** One column; several for a head of several numbers, NaN where one is unknown. */
  labels: readonly Float64Array[]
  /** Names of the classes or numbers, in the order of the columns that a model is asked for. */
  names: readonly string[] | undefined
  /** Token of each row as a number. */
  groups: Int32Array
  /** The further heads of production that have a label, which must not get worse either. */
  others: readonly OtherHead[]
  newest: number
  /** Rows as a model takes them. */
  feeds(bundle: Bundle, rows: Int32Array): GraphInput[]
}

/**
 * Reads the rows that a recipe trains on, for the given versions: production first. Throws
 * DataError when there is none.
 */
export async function readLabelled(
  file: string,
  recipe: Recipe,
  bundles: readonly [Bundle, ...Bundle[]],
): Promise<Labelled> {
  const read = await rowsFor(file, recipe, bundles)
  if (read.time.length === 0) throw new DataError(`${file} has no labelled rows`)
  return { ...read, newest: read.time.reduce((top, time) => Math.max(top, time), 0) }
}

type Read = Omit<Labelled, 'newest'>

function rowsFor(
  file: string,
  recipe: Recipe,
  bundles: readonly [Bundle, ...Bundle[]],
): Promise<Read> {
  if (recipe.algo === 'trainer')
    return bundles[0].kind === 'price'
      ? priceRows(file, recipe, bundles)
      : bundleRows(file, recipe, bundles)
  if (recipe.algo === 'network') return networkRows(file, recipe)
  // By a recipe without features each version is given its own, by name.
  return recipe.features === undefined
    ? bundleRows(file, recipe, bundles)
    : tableRows(file, recipe, bundles)
}

/** Rows of a table with the columns of every version, which may have them in another order. */
async function tableRows(
  file: string,
  recipe: TrainFlags,
  bundles: readonly Bundle[],
): Promise<Read> {
  const isFolder = isExport(file)
  const held = new Set(await columnNames(isFolder ? join(file, 'train.parquet') : file))
  const inData = (name: string): boolean => held.has(isFolder ? `${recipe.set}.${name}` : name)
  const all = bundles.flatMap(({ inputs }) => inputs.flatMap(({ features = [] }) => features))
  const features = [...new Set([...recipe.features!, ...all.map(featureName).filter(inData)])]
  const rows = isFolder
    ? (await readExport(file, { ...recipe, features })).rows
    : await readTable(file, { ...recipe, features }, writtenOf(recipe))
  const aim = aimOf(recipe.head ?? '')
  const label = aim === 'classes' ? classLabels(rows.words, OUTCOMES, recipe.label) : rows.label
  return {
    aim,
    time: rows.time,
    labels: [label],
    names: aim === 'classes' ? OUTCOMES : undefined,
    groups:
      rows.groups === undefined ? Int32Array.from(label, (_, i) => i) : groupNumbers(rows.groups),
    others: [],
    feeds: (bundle, wanted) => {
      const table = takeRows(rows.table, wanted)
      const at = new Map(features.map((name, f) => [name, f]))
      return bundle.inputs.map(input => {
        const columns = (input.features ?? []).map(featureName).map(name => {
          const f = at.get(name)
          if (f !== undefined) return table.columns[f]!
          throw new UsageError(
            `${file} has no column ${name}, which ${bundle.name}@${bundle.version} reads`,
          )
        })
        const data = toMatrix({ ...table, columns })
        return { name: input.name, data, shape: [columns.length] }
      })
    },
  }
}

/** Rows of a network of prices that somebody else trains: what came of them is in later rows. */
function priceRows(
  file: string,
  recipe: TrainerRecipe,
  bundles: readonly [Bundle, ...Bundle[]],
): Promise<Read> {
  for (const { name, version, inputs } of bundles)
    if (inputs.some(({ set, tensor }) => set !== 'price' || tensor !== 'window'))
      throw new UsageError(
        `${name}@${version} reads more than price.window; price models are compared on that alone`,
      )
  const { horizon, embargo } = recipe
  return networkRows(file, {
    net: 'price',
    bar: barOf(bundles[0]),
    horizon,
    embargo,
  })
}

/** What a network reads of an export, and which of its rows are of which part. */
type NetworkRows = Pick<NetworkFlags, 'net' | 'bar' | 'horizon' | 'embargo'>

async function networkRows(
  dir: string,
  { net, bar, horizon, embargo }: NetworkRows,
): Promise<Read> {
  const windows = await readWindows(dir, columnsOf(net))
  const slice = slicesOf(windows, { horizon, embargo })
  const prepared =
    net === 'price' ? preparePrice(windows, bar, slice) : prepareSequence(windows, net, slice)
  const width = prepared.heads.length
  const labels = prepared.heads.map((_, k) =>
    windows.ts.map((_, row) => prepared.labels[row * width + k]!),
  )
  const { time, groups } = { time: windows.ts, groups: groupNumbers(windows.mints) }
  const feeds = ({ inputs }: Bundle, wanted: Int32Array): GraphInput[] =>
    feedsOf({ inputs, raw: rawFor(inputs, prepared) }, [...wanted])
  const read = { time, groups, feeds }
  if (net === 'price') return { ...read, aim: 'numbers', labels, names: prepared.heads, others: [] }
  const others = labels.slice(1).map((column, k) => {
    const name = prepared.heads[k + 1]!
    return { name, aim: aimOf(name), labels: column }
  })
  return { ...read, aim: 'binary', labels: labels.slice(0, 1), names: undefined, others }
}

/**
 * Tensors for the inputs of a model, whose list of indicators may be shorter than that of the data.
 */
function rawFor(
  inputs: Bundle['inputs'],
  { raw, inputs: held }: ReturnType<typeof prepareSequence>,
) {
  const columnsFor = ({ name, features, tensor }: Bundle['inputs'][number]): Float32Array => {
    // A foreign bundle calls its tensor as it likes.
    const own =
      held.find(input => input.name === name) ??
      held.find(input => tensor !== undefined && input.tensor === tensor)
    const data = raw[own?.name ?? ''] ?? new Float32Array()
    const known = own?.features?.map(featureName)
    const wanted = features?.map(featureName)
    if (wanted === undefined || known === undefined || wanted.join() === known.join()) return data
    const at = wanted.map(feature => known.indexOf(feature))
    const rows = data.length / known.length
    const out = new Float32Array(rows * at.length).fill(Number.NaN)
    for (let row = 0; row < rows; row++)
      for (const [k, from] of at.entries())
        if (from >= 0) out[row * at.length + k] = data[row * known.length + from]!
    return out
  }
  return Object.fromEntries(inputs.map(input => [input.name, columnsFor(input)]))
}

/**
 * Positions of the rows after a moment of event time that have a label, in order of time: the first
 * of each token, so that rows which come later change none that were there.
 */
export function laterRows({ time, labels, groups }: Labelled, after: number): Int32Array {
  const isKnown = (i: number): boolean => labels.some(column => !Number.isNaN(column[i]))
  const later = Int32Array.from(time.keys()).filter(i => time[i]! > after && isKnown(i))
  const seen = new Set<number>()
  return later
    .sort((a, b) => time[a]! - time[b]! || a - b)
    .filter(i => {
      const isFirst = !seen.has(groups[i]!)
      seen.add(groups[i]!)
      return isFirst
    })
}

/** The labels of some rows. */
export const labelsOf = ({ labels }: Pick<Labelled, 'labels'>, rows: Int32Array): Float64Array[] =>
  labels.map(column => Float64Array.from(rows, i => column[i]!))

/** Rows of one run: tensors of more would not fit in a small machine. */
const BATCH = 1024

/**
 * What a head, the first one unless named, says of each given row: a column per class or number, in
 * the order of the data’s names.
 */
export async function scoreRows(
  { bundle, model }: LoadedBundle,
  labelled: Pick<Labelled, 'feeds' | 'names'>,
  rows: Int32Array,
  named = bundle.heads[0]?.name,
): Promise<Float64Array[]> {
  const head = bundle.heads.find(({ name }) => name === named)
  const labels = head?.labels ?? ['']
  const picks =
    labelled.names === undefined || head?.labels === undefined
      ? [0]
      : labelled.names.map(name => labels.indexOf(name))
  const columns = picks.map(() => new Float64Array(rows.length).fill(Number.NaN))
  const session = await openSession(model, bundle.model.minBatch)
  try {
    for (let from = 0; from < rows.length; from += BATCH) {
      const part = rows.subarray(from, from + BATCH)
      const outputs = await session.run(labelled.feeds(bundle, part), part.length)
      const values = outputs.get(head!.output)!
      for (const [k, at] of picks.entries())
        for (let i = 0; at >= 0 && i < part.length; i++)
          columns[k]![from + i] = values[i * labels.length + at]!
    }
    return columns
  } finally {
    await session.release()
  }
}
