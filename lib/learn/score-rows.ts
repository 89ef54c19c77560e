import { onePerToken } from '../alerts/one-per-token.ts'
import { DataError } from '../base/errors.ts'
import { groupNumbers } from '../maths/confidence-interval.ts'
import type { Aim } from '../maths/loss.ts'
import { type Bundle, featureName } from '../model/bundle.ts'
import type { LoadedBundle } from '../model/files.ts'
import { aimOf } from '../model/heads.ts'
import { type GraphInput, openSession } from '../onnx/session.ts'
import { OUTCOMES } from '../records/prediction.ts'
import { readTable } from '../table/read-table.ts'
import { takeRows, toMatrix } from '../table/table.ts'
import { writtenOf } from '../table/time-flags.ts'
import { classLabels } from '../train/data/class-labels.ts'
import { isExport, readExport } from '../train/data/read-export.ts'
import { readWindows } from '../train/data/read-windows.ts'
import {
  columnsOf,
  preparePrice,
  prepareSequence,
  slicesOf,
} from '../train/networks/network-rows.ts'
import { feedsOf } from '../train/networks/serve-network.ts'
import type { NetworkFlags, TrainFlags } from '../train/train-flags.ts'
import { bundleRows } from './bundle-rows.ts'
import type { Recipe } from './recipe.ts'

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
  if (recipe.algo === 'trainer') return bundleRows(file, recipe, bundles)
  return recipe.algo === 'network' ? networkRows(file, recipe) : tableRows(file, recipe)
}

async function tableRows(file: string, recipe: TrainFlags): Promise<Read> {
  const features = recipe.features!
  const rows = isExport(file)
    ? (await readExport(file, recipe)).rows
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
    feeds: ({ inputs }, wanted) => {
      const table = takeRows(rows.table, wanted)
      return [{ name: inputs[0]!.name, data: toMatrix(table), shape: [table.columns.length] }]
    },
  }
}

async function networkRows(
  dir: string,
  { net, bar, horizon, embargo }: NetworkFlags,
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
  if (net === 'price') return { aim: 'numbers', time, groups, labels, names: prepared.heads, feeds }
  return { aim: 'binary', time, groups, labels: labels.slice(0, 1), names: undefined, feeds }
}

/**
 * Tensors for the inputs of a model, whose list of indicators may be shorter than that of the data.
 */
function rawFor(
  inputs: Bundle['inputs'],
  { raw, inputs: held }: ReturnType<typeof prepareSequence>,
) {
  const columnsFor = ({ name, features }: Bundle['inputs'][number]): Float32Array => {
    const data = raw[name] ?? new Float32Array()
    const known = held.find(input => input.name === name)?.features?.map(featureName)
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

/** Positions of the rows after a moment of event time that have a label, one per token. */
export function laterRows({ time, labels, groups }: Labelled, after: number): Int32Array {
  const isKnown = (i: number): boolean => labels.some(column => !Number.isNaN(column[i]))
  const later = Int32Array.from(time.keys()).filter(i => time[i]! > after && isKnown(i))
  return onePerToken(later, groups, time, Number.MAX_SAFE_INTEGER).rows
}

/** The labels of some rows. */
export const labelsOf = ({ labels }: Labelled, rows: Int32Array): Float64Array[] =>
  labels.map(column => Float64Array.from(rows, i => column[i]!))

/** Rows of one run: tensors of more would not fit in a small machine. */
const BATCH = 1024

/**
 * What the first head says of each given row: a column per class or number, in the order of the
 * data’s names.
 */
export async function scoreRows(
  { bundle, model }: LoadedBundle,
  labelled: Pick<Labelled, 'feeds' | 'names'>,
  rows: Int32Array,
): Promise<Float64Array[]> {
  const [head] = bundle.heads
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
