import { makeBaseline } from '../../alerts/baseline.ts'
import type { Bundle } from '../../model/bundle.ts'
import { sha256 } from '../../model/files.ts'
import { sketchOf } from '../../model/seen-rows.ts'
import type { Comparison } from '../../train/evaluate/compare.ts'
import { brier } from '../../train/evaluate/proper.ts'
import { reliabilityRows } from '../../train/evaluate/reliability.ts'
import { reportHead } from '../../train/evaluate/report-head.ts'
import { type Calibrator, calibrate } from '../../train/tabular/calibration.ts'
import { logOdds } from './recalibrated-graph.ts'

/** A calibrator, and what later rows say of it. */
export interface Judged {
  calibrator: Calibrator
  /** The rows that it was fitted on, and those after them that judge. */
  fitted: Bundle['data']['parts'][string]
  tested: Bundle['data']['parts'][string]
  /** Hashes of the rows that it was fitted on. */
  hashes: readonly number[]
  label: Float64Array
  /** ms UTC, rising. */
  time: Float64Array
  /** Token of each row as a number. */
  groups: Int32Array
  /** Probabilities of the version before, and recalibrated. */
  before: Float64Array
  after: Float64Array
  comparison: Comparison
}

interface Made {
  name: string
  version: string
  model: Uint8Array
  judged: Judged
  /** The file of the rows, for the card. */
  file: string
}

/** Periods of equal row counts that the card leads with. */
const PERIODS = 4
/** Figures of a period. */
const TOLD = new Set(['baseRate', 'auc', 'brierSkill', 'precision'])

/**
 * The bundle of a recalibrated version: figures of its first head are those of the rows that judged
 * it, none of the version before are left; inputs, other heads and limits stay.
 */
export function recalibratedBundle(from: Bundle, made: Made): Bundle {
  const { name, version, model, judged, file } = made
  const { peers: _, ...kept } = from
  const [first, ...others] = from.heads as [Bundle['heads'][0], ...Bundle['heads']]
  const map = (p: number): number => Math.fround(calibrate(judged.calibrator, logOdds(p)))
  const head = {
    ...first,
    calibration: judged.calibrator.method,
    ...(first.threshold === undefined ? {} : { threshold: map(first.threshold) }),
  }
  const isOther = ({ head: named }: { head: string }): boolean => named !== first.name
  const { parts, seen } = from.data
  const { test, ...learned } = parts
  const outputs = from.parity.outputs
  return {
    ...kept,
    name,
    version,
    model: { ...from.model, sha256: sha256(model), bytes: model.length },
    heads: [head, ...others],
    data: {
      ...from.data,
      ...(seen === undefined ? {} : { seen: joined(seen, judged.hashes) }),
      parts: {
        ...learned,
        ...(test !== undefined && others.length > 0 ? { testBefore: test } : {}),
        recalibration: judged.fitted,
        test: judged.tested,
      },
    },
    metrics: [...metricsOf(head, judged), ...from.metrics.filter(isOther)],
    reliability: [
      ...reliabilityRows(head.name, judged.label, judged.after),
      ...(from.reliability ?? []).filter(isOther),
    ],
    parity: {
      ...from.parity,
      outputs: { ...outputs, [head.output]: (outputs[head.output] ?? []).map(map) },
    },
    ...(from.drift === undefined ? {} : { drift: driftOf(from.drift, head.name, judged) }),
    notes: [
      `Recalibrated: ${from.name}@${from.version} with ${judged.calibrator.method} fitted on ` +
        `${judged.fitted.rows} rows of ${file}; figures of ${head.name} are of the ` +
        `${judged.tested.rows} rows after them.`,
      ...from.notes,
    ].slice(0, 50),
  }
}

/** Figures over periods, of the whole, and what changed. */
function metricsOf(head: Bundle['heads'][0], judged: Judged): Bundle['metrics'] {
  const { label, before, after, comparison } = judged
  const threshold = head.threshold ?? 0.5
  const report = (rows: Int32Array) =>
    reportHead('binary', pick(label, rows), [pick(after, rows)], {
      threshold,
      groups: Int32Array.from(rows, i => judged.groups[i]!),
    })
  const all = Int32Array.from(label.keys())
  const periods = Array.from({ length: PERIODS }, (_, k) =>
    all.subarray(
      Math.floor((k * all.length) / PERIODS),
      Math.floor(((k + 1) * all.length) / PERIODS),
    ),
  )
  const { brierDifference: value, brierLow: low, brierHigh: high } = comparison
  const interval = low === undefined || high === undefined ? {} : { low, high }
  const rows = [
    ...periods.flatMap((rows, k) =>
      report(rows)
        .filter(({ name }) => TOLD.has(name))
        .map(({ name, value }) => ({ part: `period${k + 1}`, name, value })),
    ),
    ...report(all).map(metric => ({ part: 'test', ...metric })),
    { part: 'test', name: 'brier before recalibration', value: brier(label, before) },
    { part: 'test', name: 'brier after minus before', value, ...interval },
  ]
  return rows.map(row => ({ head: head.name, ...row }))
}

const pick = (values: Float64Array, rows: Int32Array): Float64Array =>
  Float64Array.from(rows, i => values[i]!)

/** What the first head says is spread otherwise now; of arrivals nobody has seen it. */
function driftOf(
  drift: NonNullable<Bundle['drift']>,
  head: string,
  { after, groups }: Judged,
): NonNullable<Bundle['drift']> {
  const { arrivals, ...rest } = drift
  const { [head]: _, ...others } = arrivals?.predictions ?? {}
  return {
    ...rest,
    predictions: { ...drift.predictions, [head]: makeBaseline(after, new Set(groups).size) },
    ...(arrivals === undefined ? {} : { arrivals: { ...arrivals, predictions: others } }),
  }
}

/** One sketch of rows that were learned from, before or now. */
function joined(sketch: string, hashes: readonly number[]): string {
  const bytes = Buffer.from(sketch, 'base64')
  const kept = new Float64Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  )
  return sketchOf([...kept, ...hashes])
}
