import { join } from 'node:path'
import { UsageError } from '../../base/errors.ts'
import { checkHashes } from '../../export/manifest.ts'
import { groupNumbers } from '../../maths/confidence-interval.ts'
import type { Aim } from '../../maths/loss.ts'
import { type Bundle, type BundleInput, featureName } from '../../model/bundle.ts'
import { aimOf } from '../../model/heads.ts'
import type { GraphInput } from '../../onnx/session.ts'
import { OUTCOMES } from '../../records/prediction.ts'
import { columnNames, readTable } from '../../table/read-table.ts'
import { writtenOf } from '../../table/time-flags.ts'
import { binaryLabels, classLabels, numberLabels } from '../../train/data/class-labels.ts'
import { isExport } from '../../train/data/read-export.ts'
import type { TrainerRecipe } from '../recipe/recipe.ts'
import type { Labelled } from './score-rows.ts'

/** Column of an export with what came of a head, for bundles that name no column of the data. */
const LABEL_OF: Readonly<Record<string, string>> = {
  'sequence.profitable': 'profitable',
  'sequence.maxProfit': 'maxProfit',
  'sequence.rugRisk': 'rug',
  'outcome.probabilities': 'outcome',
  'moon.p': 'willMoon',
  'rug.p': 'willRug',
  'opportunity.successProbability': 'success',
}

/**
 * Labelled rows of an export or a table with every column that the given versions of a model read,
 * found by name, since whoever made a version chose its inputs; the first of them says what is
 * predicted. Rows whose tensor is unknown are left out: predict gives them no number either. Throws
 * UsageError for a column that is not there, DataError for a label that is none.
 */
export async function bundleRows(
  file: string,
  recipe: Omit<TrainerRecipe, 'algo' | 'command'>,
  bundles: readonly [Bundle, ...Bundle[]],
): Promise<Omit<Labelled, 'newest'>> {
  const isFolder = isExport(file)
  if (isFolder) checkHashes(file)
  const paths = isFolder ? PARTS.map(part => join(file, `${part}.parquet`)) : [file]
  const held = new Set(await columnNames(paths[0]!))
  const inputs = bundles.flatMap(bundle => bundle.inputs)
  const label = labelOf(file, bundles[0], recipe.label, held)
  const time = recipe.time ?? (isFolder ? 'ts' : undefined)
  const group = recipe.group ?? (isFolder ? 'mint' : undefined)
  const others = othersOf(bundles[0], held)
  const features = new Set([
    ...inputs.flatMap(input => (input.features ? columnsOf(input, held) : [])),
    ...others.map(({ column }) => column),
  ])
  const wanted = {
    features: [...features],
    label,
    ...(time === undefined ? {} : { time }),
    ...(group === undefined ? {} : { group }),
    ...tensorOf(inputs, held),
  }
  const read = await readParts(paths, wanted, writtenOf(recipe))
  const aim = aimOf(bundles[0].heads[0]!.name)
  return {
    aim,
    time: read.time,
    labels: [LABELS[aim](read.words, label)],
    names: aim === 'classes' ? OUTCOMES : undefined,
    others: others.map(({ name, column }) => ({
      name,
      aim: aimOf(name),
      labels: Float64Array.from(read.columns.get(column)!),
    })),
    groups:
      group === undefined ? Int32Array.from(read.words, (_, i) => i) : groupNumbers(read.groups),
    feeds: ({ inputs: wanted }, rows) =>
      wanted.map(input => feedOf(input, columnsOf(input, held), read.columns, rows)),
  }
}

const PARTS = ['train', 'valid', 'test'] as const

const LABELS: Readonly<Record<Aim, (words: string[], label: string) => Float64Array>> = {
  binary: (words, label) => binaryLabels(words, undefined, label),
  classes: (words, label) => classLabels(words, OUTCOMES, label),
  numbers: numberLabels,
}

/** The column with what came of the first head: as asked, as the bundle has it, or as usual. */
function labelOf(
  file: string,
  { kind, heads, data }: Bundle,
  asked: string | undefined,
  held: ReadonlySet<string>,
): string {
  const head = `${kind}.${heads[0]!.name}`
  const usual = LABEL_OF[head]
  if (usual === undefined)
    throw new UsageError(`${head} cannot be compared on labelled rows; train it without a trainer`)
  if (asked !== undefined) return asked
  const found = [data.label, usual].find(name => held.has(name))
  if (found !== undefined) return found
  throw new UsageError(`${file} has no column ${usual} to compare ${head} on; say --label`)
}

/** Further heads of a bundle whose usual column the data hold. */
function othersOf(
  { kind, heads }: Bundle,
  held: ReadonlySet<string>,
): { name: string; column: string }[] {
  return heads.slice(1).flatMap(({ name, labels }) => {
    const column = LABEL_OF[`${kind}.${name}`]
    return labels === undefined && column !== undefined && held.has(column)
      ? [{ name, column }]
      : []
  })
}

/** The times of all rows of an export or a table, with a label or not. */
export async function timesIn(file: string, recipe: TrainerRecipe): Promise<Float64Array> {
  const isFolder = isExport(file)
  const paths = isFolder ? PARTS.map(part => join(file, `${part}.parquet`)) : [file]
  const time = recipe.time ?? (isFolder ? 'ts' : undefined)
  const wanted = { features: [], ...(time === undefined ? {} : { time }) }
  return (await readParts(paths, wanted, writtenOf(recipe))).time
}

/** Columns that an input is made of: those of its features, or that of its tensor. */
function columnsOf(
  { set, features, tensor }: BundleInput,
  held: ReadonlySet<string>,
): readonly string[] {
  const names = features?.map(featureName) ?? [tensor!]
  return names.map(name => (held.has(`${set}.${name}`) ? `${set}.${name}` : name))
}

const widthOf = ({ features, shape = [] }: BundleInput): number =>
  features?.length ?? shape.reduce((product, side) => product * side, 1)

/** The one column of tensors. Throws UsageError for two of them, or two widths of one. */
function tensorOf(
  inputs: readonly BundleInput[],
  held: ReadonlySet<string>,
): { tensor?: { column: string; width: number } } {
  const all = inputs
    .filter(({ tensor }) => tensor !== undefined)
    .map(input => ({ column: columnsOf(input, held)[0]!, width: widthOf(input) }))
  const [tensor] = all
  const other = all.find(
    ({ column, width }) => column !== tensor!.column || width !== tensor!.width,
  )
  if (other !== undefined)
    throw new UsageError(
      `versions that read ${tensor!.column} (${tensor!.width} numbers) and ${other.column} ` +
        `(${other.width}) cannot be compared on the same rows`,
    )
  return tensor === undefined ? {} : { tensor }
}

type Wanted = Parameters<typeof readTable>[1]

interface Read {
  /** By name; a tensor as so many columns. */
  columns: ReadonlyMap<string, Float32Array>
  time: Float64Array
  words: string[]
  groups: string[]
}

/** The rows of all files, one after the other. */
async function readParts(
  paths: readonly string[],
  wanted: Wanted,
  written: ReturnType<typeof writtenOf>,
): Promise<Read> {
  const blocks: Float32Array[][] = []
  const [time, words, groups]: [number[], string[], string[]] = [[], [], []]
  let names: readonly string[] = []
  for (const path of paths) {
    const { table, ...beside } = await readTable(path, wanted, written)
    names = table.names
    const tensor = table.columns.slice(wanted.features.length)
    const isKnown = (i: number): boolean => tensor.some(column => !Number.isNaN(column[i]))
    const all = Int32Array.from({ length: table.rows }, (_, i) => i)
    const rows = tensor.length === 0 ? all : all.filter(isKnown)
    blocks.push(table.columns.map(column => Float32Array.from(rows, i => column[i]!)))
    for (const i of rows) {
      time.push(beside.time[i]!)
      words.push(beside.words[i] ?? '')
      if (beside.groups !== undefined) groups.push(beside.groups[i]!)
    }
  }
  const columns = names.map((name, f) => [name, joined(blocks.map(block => block[f]!))] as const)
  return { columns: new Map(columns), time: Float64Array.from(time), words, groups }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Some rows as one input takes them. */
function feedOf(
  input: BundleInput,
  names: readonly string[],
  columns: ReadonlyMap<string, Float32Array>,
  rows: Int32Array,
): GraphInput {
  const width = widthOf(input)
  const data = new Float32Array(rows.length * width)
  for (let k = 0; k < width; k++) {
    const column = columns.get(input.tensor === undefined ? names[k]! : `${names[0]}.${k}`)!
    for (let i = 0; i < rows.length; i++) data[i * width + k] = column[rows[i]!]!
  }
  return { name: input.name, data, shape: input.features ? [width] : (input.shape ?? []) }
}
