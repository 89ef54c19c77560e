import { join } from 'node:path'
import type { Output } from '../command.ts'
import { DataError, UsageError } from '../errors.ts'
import { featureName } from '../model/bundle.ts'
import { type LoadedBundle, readBundle } from '../model/files.ts'
import { findVersion, listModels } from '../model/registry.ts'
import { modelRoots } from '../model/roots.ts'
import { openSession } from '../model/session.ts'
import { encode } from '../stream/encode.ts'
import { type MetricRow, metricText } from './metric-text.ts'
import { compareModels } from './metrics/compare.ts'
import { groupNumbers } from './metrics/interval.ts'
import { reliability } from './metrics/reliability.ts'
import { reportBinary } from './metrics/report.ts'
import { type Rows, readTable } from './read-table.ts'
import { toMatrix } from './table.ts'

/** Flags of `sluice evaluate`. */
export interface EvaluateFlags {
  label: string
  prob: string | undefined
  model: string | undefined
  head: string | undefined
  against: string | undefined
  models: string | undefined
  group: string | undefined
  threshold: number
  format: 'auto' | 'text' | 'ndjson'
}

/** Prints metrics, the reliability table and, with two, the comparison: for people, or one metric a line. */
export async function runEvaluate(
  file: string,
  flags: EvaluateFlags,
  home: string,
  isTerminal: boolean,
  out: Output,
): Promise<void> {
  const rows = await metricRows(file, flags, home)
  const isText = flags.format === 'text' || (flags.format === 'auto' && isTerminal)
  await out.write(isText ? metricText(rows) : rows.map(row => `${encode(row)}\n`).join(''))
}

async function metricRows(file: string, flags: EvaluateFlags, home: string): Promise<MetricRow[]> {
  if ((flags.prob === undefined) === (flags.model === undefined)) throw new UsageError('give either --prob or --model')
  const named = [flags.prob ?? (flags.model as string), ...(flags.against === undefined ? [] : [flags.against])]
  const { label, groups, columns } =
    flags.prob === undefined ? await ofModels(file, named, flags, home) : await ofColumns(file, named, flags)
  const options = { threshold: flags.threshold, ...(groups === undefined ? {} : { groups: groupNumbers(groups) }) }
  const rows: MetricRow[] = []
  for (const [k, p] of columns.entries()) {
    const of = named[k] as string
    rows.push(...reportBinary(label, p, options).map(metric => ({ of, ...metric })))
    for (const { interval, ...bin } of reliability(label, p))
      rows.push({ of, name: 'reliability', ...bin, low: interval[0], high: interval[1] })
  }
  const [first, second] = columns
  if (first !== undefined && second !== undefined)
    rows.push({
      of: named[0] as string,
      against: named[1],
      name: 'comparison',
      ...compareModels(label, first, second, options),
    })
  return rows
}

interface Judged {
  label: Float64Array
  groups: readonly string[] | undefined
  columns: Float64Array[]
}

async function ofColumns(file: string, names: readonly string[], flags: EvaluateFlags): Promise<Judged> {
  const rows = await readTable(file, { features: names, label: flags.label, group: flags.group })
  return {
    ...checked(rows, flags),
    columns: rows.table.columns.map((column, k) => probabilities(names[k] as string, column)),
  }
}

async function ofModels(file: string, names: readonly string[], flags: EvaluateFlags, home: string): Promise<Judged> {
  const models = listModels(modelRoots(flags.models, home))
  const columns: Float64Array[] = []
  let judged: Omit<Judged, 'columns'> | undefined
  for (const name of names) {
    const { entry, version } = findVersion(models, name)
    const loaded = readBundle(join(entry.dir, version))
    const rows = await readTable(file, { features: featuresOf(loaded), label: flags.label, group: flags.group })
    judged ??= checked(rows, flags)
    columns.push(probabilities(name, await runBundle(loaded, rows, flags.head)))
  }
  return { ...(judged as Omit<Judged, 'columns'>), columns }
}

function featuresOf({ bundle }: LoadedBundle): string[] {
  const [input] = bundle.inputs
  if (bundle.inputs.length > 1 || input?.features === undefined)
    throw new UsageError(
      `${bundle.name} reads tensors; score lines with predict, then use --prob on the joined predictions`,
    )
  return input.features.map(featureName)
}

async function runBundle(
  { bundle, model }: LoadedBundle,
  rows: Rows,
  wanted: string | undefined,
): Promise<Float32Array> {
  const head = wanted === undefined ? bundle.heads[0] : bundle.heads.find(({ name }) => name === wanted)
  if (head === undefined)
    throw new UsageError(`--head ${wanted}: ${bundle.name} has ${bundle.heads.map(({ name }) => name).join(', ')}`)
  if (head.labels !== undefined)
    throw new UsageError(`head ${head.name} has ${head.labels.length} classes; evaluate takes a 0/1 label`)
  const session = await openSession(model, bundle.model.minBatch)
  try {
    const data = toMatrix(rows.table)
    const shape = [rows.table.columns.length]
    const outputs = await session.run([{ name: bundle.inputs[0]?.name as string, data, shape }], rows.table.rows)
    return outputs.get(head.output) as Float32Array
  } finally {
    await session.release()
  }
}

function checked({ label, groups, words }: Rows, flags: EvaluateFlags): Omit<Judged, 'columns'> {
  if (label.length === 0) throw new DataError('no row has a label', { field: flags.label })
  const bad = label.findIndex(y => y !== 0 && y !== 1)
  if (bad >= 0) throw new DataError(`row ${bad + 1} is ${words[bad]}, expected 0 or 1`, { field: flags.label })
  return { label, groups }
}

/** Float32 columns hold probabilities to 6·10⁻⁸; outside [0, 1] or unknown they are refused by row. */
function probabilities(name: string, column: Float32Array): Float64Array {
  const bad = column.findIndex(p => !(p >= 0 && p <= 1))
  if (bad >= 0)
    throw new DataError(`row ${bad + 1} is ${column[bad]}, expected a probability from 0 to 1`, { field: name })
  return Float64Array.from(column)
}
