/** What bundle.json says of a trained head, and the rows that check it anywhere. */
import { createHash } from 'node:crypto'
import { range } from '../../maths/sample.ts'
import type { Bundle, BundleInput, Kind } from '../../model/bundle.ts'
import { rowHash, sketchOf } from '../../model/seen-rows.ts'
import { measureDistribution } from '../../model/training-distance.ts'
import type { PriceUnits } from '../../table/price-units.ts'
import type { Metric } from '../evaluate/evaluation.ts'
import { reliabilityRows } from '../evaluate/reliability.ts'
import { reportHead } from '../evaluate/report-head.ts'
import { driftBaselines } from './drift-baselines.ts'
import {
  type FitSettings,
  type Fitted,
  type Part,
  type Parts,
  partOf,
  type Whole,
} from './fit-head.ts'
import { makeParityRows } from './parity-rows.ts'
import { predictHead, servingModel } from './serving-model.ts'

/** What a bundle says about itself beyond the numbers. */
export interface About {
  name: string
  version: string
  kind: Kind
  input: BundleInput
  /** Class names of a multiclass head. */
  labels?: readonly string[]
  source: string
  label: string
  /** Horizon of the label and the hash of what it means, where an export said so. */
  horizon?: string
  labelHash?: string
  threshold: number
  notes: readonly string[]
  /** What other programs reach on the same rows. */
  peers?: Bundle['peers']
}

/** A trained head with everything it was trained and measured on. */
export interface Trained {
  whole: Whole
  /** Features as the trees see them. */
  parts: Parts
  prices: PriceUnits | undefined
  fitted: Fitted
  settings: FitSettings
}

/** Metrics of a head on a part. */
export function measurePart(
  { fitted, settings, whole }: Trained,
  part: Part,
  about: About,
): Metric[] {
  const columns = predictHead(fitted.head, part.table)
  const groups = whole.groups === undefined ? undefined : part.rows.map(i => whole.groups![i]!)
  return reportHead(settings.objective, part.label, columns, {
    threshold: about.threshold,
    groups,
    labels: about.labels,
  })
}

/** The model file of a trained head. */
export const modelOf = ({ whole, fitted, prices }: Trained): Uint8Array =>
  servingModel(whole.table.columns.length, [fitted.head], prices)

/**
 * bundle.json for a model file: hashes, windows, metrics, distribution, and the file's own
 * `outputs` for the parity rows.
 */
export function bundleOf(
  trained: Trained,
  about: About,
  model: { bytes: number; sha256: string },
  { parity, outputs }: { parity: Float32Array; outputs: Map<string, Float32Array> },
  metrics: Bundle['metrics'],
): Bundle {
  const { whole, parts, fitted, settings, prices } = trained
  const { head } = fitted
  const raw = partOf(whole, parts.train.rows).table
  return {
    format: 1,
    name: about.name,
    version: about.version,
    kind: about.kind,
    model: { file: 'model.onnx', ...model },
    inputs: [about.input],
    heads: [
      {
        name: head.name,
        output: head.name,
        ...(about.labels === undefined ? {} : { labels: [...about.labels] }),
        ...(settings.objective === 'binary' ? { threshold: about.threshold } : {}),
        calibration: head.calibration?.method ?? 'none',
      },
    ],
    algorithm: {
      name: settings.algo,
      settings: { ...settingsOf(settings, whole.table.names), kept: fitted.size },
    },
    seed: settings.seed,
    data: {
      source: about.source,
      hash: dataHash(whole),
      label: about.label,
      ...(about.horizon === undefined ? {} : { horizon: about.horizon }),
      ...(about.labelHash === undefined ? {} : { labelHash: about.labelHash }),
      ...(settings.objective === 'binary' ? { baseRate: mean(whole.label) } : {}),
      parts: Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [name, windowOf(part, whole, settings)]),
      ),
      seen: seenOf(trained),
    },
    metrics,
    mostUnknown: mostUnknown(whole, parts),
    ...reliabilityOf(trained),
    ...(about.peers === undefined ? {} : { peers: about.peers }),
    parity: parityOf(about.input.name, parity, outputs, whole.table.columns.length),
    distribution: measureDistribution(raw, prices),
    drift: driftBaselines(trained, about),
    ...(fitted.importance === undefined
      ? {}
      : { importance: named(whole.table.names, fitted.importance) }),
    notes: [...about.notes, ...fitted.remarks.map(sentence)],
  }
}

/** A sketch of all rows that were learned from: those of the test were not. */
function seenOf({ whole, parts }: Trained): string {
  const { columns } = whole.table
  const row = new Float32Array(columns.length)
  const hashes = [parts.train, parts.stop, parts.calibration].flatMap(({ rows }) =>
    Array.from(rows, i => {
      for (let f = 0; f < row.length; f++) row[f] = columns[f]![i]!
      return rowHash(row)
    }),
  )
  return sketchOf(hashes)
}

/** Most features that were unknown on one row of the test; of all rows where there is no test. */
function mostUnknown({ table }: Whole, parts: Parts): number {
  const tested: Part[] = parts.test.rows.length > 0 ? [parts.test] : Object.values(parts)
  let most = 0
  for (const { rows } of tested)
    for (const i of rows)
      most = Math.max(most, table.columns.filter(column => Number.isNaN(column[i])).length)
  return most
}

/** Rows, `width` features each, and what the file itself says on them. */
const parityOf = (
  input: string,
  rows: Float32Array,
  outputs: ReadonlyMap<string, Float32Array>,
  width: number,
): Bundle['parity'] => ({
  inputs: [{ input, rows: rows.length / width, data: base64(rows) }],
  outputs: Object.fromEntries([...outputs].map(([name, values]) => [name, [...values]])),
})

/** The calibration table of a 0/1 head; none without test rows. */
function reliabilityOf({ fitted, parts, settings }: Trained): Pick<Bundle, 'reliability'> {
  const { label, table } = parts.test
  if (settings.objective !== 'binary' || label.length === 0) return {}
  const [p] = predictHead(fitted.head, table)
  return { reliability: reliabilityRows(fitted.head.name, label, p!) }
}

/** What a bundle can be checked with anywhere. */
export const parityMatrix = ({ whole, parts, prices, settings }: Trained): Float32Array =>
  makeParityRows(partOf(whole, parts.train.rows).table, prices, settings.seed)

/** As bundle.json holds numbers. */
export const base64 = (values: Float32Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')

function settingsOf(settings: FitSettings, names: readonly string[]): Record<string, unknown> {
  const {
    algo,
    rounds,
    leaves,
    rate,
    minLeaf,
    l2,
    trees,
    rowShare,
    featureShare,
    patience,
    objective,
  } = settings
  if (algo === 'logistic') return { l2 }
  if (algo === 'forest') return { objective, trees, minLeaf }
  const { monotone } = settings
  const ways =
    monotone?.flatMap((way, f) => (way === 0 ? [] : [`${names[f]}:${way > 0 ? '+1' : '-1'}`])) ?? []
  return {
    objective,
    rounds,
    leaves,
    rate,
    minLeaf,
    l2,
    rowShare,
    featureShare,
    patience,
    ...(ways.length > 0 ? { monotone: ways } : {}),
  }
}

function windowOf(
  part: Part,
  whole: Whole,
  { objective }: FitSettings,
): Bundle['data']['parts'][string] {
  const [first, last] = [part.rows[0], part.rows.at(-1)].map(row => whole.time[row ?? -1])
  return {
    rows: part.rows.length,
    ...(objective === 'binary' ? { positives: part.label.reduce((sum, y) => sum + y, 0) } : {}),
    ...(first === undefined || last === undefined || whole.isTimed === false
      ? {}
      : { from: first, to: last }),
  }
}

/** `no rows` → `No rows.` */
const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
const mean = (values: Float64Array): number => values.reduce((sum, y) => sum + y, 0) / values.length
const named = (names: readonly string[], values: Float64Array): Record<string, number> =>
  Object.fromEntries(names.map((name, f) => [name, values[f]!]))

/**
 * Rows that the parity of file and training is checked on: spread over the whole, at most 2,000.
 */
export function parityTable({ whole }: Trained) {
  const step = Math.max(1, Math.ceil(whole.table.rows / 2000))
  return partOf(
    whole,
    range(whole.table.rows).filter(i => i % step === 0),
  ).table
}

/**
 * Hex sha256 over names, features, labels and times: the same rows in the same order give the same
 * hash.
 */
function dataHash({ table, label, time, weight }: Whole): string {
  const hash = createHash('sha256').update(JSON.stringify(table.names))
  const bytes = (values: Float32Array | Float64Array) =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  for (const column of table.columns) hash.update(bytes(column))
  hash.update(bytes(label)).update(bytes(time))
  if (weight !== undefined) hash.update(bytes(weight))
  return hash.digest('hex')
}
