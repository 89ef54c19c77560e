import { basename, dirname, resolve } from 'node:path'
import type { Log, Output } from '../../base/console.ts'
import { DataError, Failure, Negative, UsageError } from '../../base/errors.ts'
import { horizonsOf } from '../../label/definition.ts'
import { groupNumbers } from '../../maths/confidence-interval.ts'
import type { Bundle } from '../../model/bundle.ts'
import { cardText } from '../../model/card.ts'
import {
  bundleLine,
  type LoadedBundle,
  mustBeNew,
  readBundle,
  writeBundle,
} from '../../model/files.ts'
import { aimOf } from '../../model/heads.ts'
import {
  bundleFolder,
  findVersion,
  listModels,
  modelRoots,
  versionDir,
} from '../../model/registry.ts'
import { rowHash, seenShare } from '../../model/seen-rows.ts'
import { verifyBundle } from '../../model/verify.ts'
import { encode } from '../../stream/encode.ts'
import { columnNames } from '../../table/read-table.ts'
import { isExport } from '../../train/data/read-export.ts'
import { splitByTime } from '../../train/data/splits.ts'
import { compareModels } from '../../train/evaluate/compare.ts'
import { brier } from '../../train/evaluate/proper.ts'
import { type Calibrator, calibrate, fitCalibrator } from '../../train/tabular/calibration.ts'
import { bundleRows } from '../rows/bundle-rows.ts'
import { type Labelled, labelsOf, scoreRows } from '../rows/score-rows.ts'
import type { RecalibrateFlags } from './recalibrate-flags.ts'
import { type Judged, recalibratedBundle } from './recalibrated-bundle.ts'
import { logOdds, recalibratedGraph, takesKnots } from './recalibrated-graph.ts'

/** The later share of the rows judges what the earlier share fitted. */
const JUDGES = 0.5
const HOUR_MS = 3_600_000

interface Options extends RecalibrateFlags {
  out: string | undefined
  models: string | undefined
  home: string
  log: Log
}

/** What came of a recalibration. */
interface Recalibrated {
  bundle: Bundle
  dir: string
  judged: Judged
}

/** Recalibrates a model and prints the line of its new version with what changed. */
export async function calibrateModel(wanted: string, options: Options, out: Output): Promise<void> {
  const { bundle, dir, judged } = await runRecalibrate(wanted, options)
  const { label, before, after, comparison, calibrator } = judged
  const { brierDifference: difference, brierLow: low, brierHigh: high } = comparison
  await out.write(bundleLine(bundle, dir))
  const { method, rows } = calibrator
  const brierScores = {
    before: brier(label, before),
    after: brier(label, after),
    difference,
    low,
    high,
  }
  await out.write(
    `${encode({ calibration: { method, rows, judged: label.length, brier: brierScores } })}\n`,
  )
}

/**
 * Fits another calibrator behind the first head of a model on the earlier half of labelled rows,
 * and writes it as a new version if the later half says that it is better: the interval of the
 * difference of Brier scores, over whole hours and over whole tokens, must lie below 0. Rows of the
 * time that the model learned from are left out. Throws UsageError for heads that are no
 * probability, DataError where the rows are too few, Negative where it is no better.
 */
export async function runRecalibrate(wanted: string, options: Options): Promise<Recalibrated> {
  const { rows: file, log, home } = options
  if (file === undefined) throw new UsageError('calibrate: say the labelled rows, with --rows')
  const { entry, version } = findVersion(listModels(modelRoots(options.models, home)), wanted)
  const dir = bundleFolder(options.out ?? `${entry.name}@${version}-calibrated`, home)
  mustBeNew(dir)
  const loaded = readBundle(versionDir(entry, version))
  const head = loaded.bundle.heads[0]!
  if (aimOf(head.name) !== 'binary' || head.labels !== undefined)
    throw new UsageError(`${wanted}: ${head.name} is no probability; there is nothing to calibrate`)
  const labelled = await readRows(file, loaded.bundle, options)
  const later = servedRows(
    loaded.bundle,
    labelled,
    laterThanLearned(loaded.bundle, labelled, log),
    log,
  )
  mustBeUnseen(loaded.bundle, labelled, later)
  const horizon = options.horizon ?? horizonOf(loaded.bundle)
  log.info(`labels are taken to be known ${horizon / 60_000} min after their row (--horizon)`)
  const time = Float64Array.from(later, i => labelled.time[i]!)
  const split = splitByTime(time, { valid: 0, test: JUDGES, horizon })
  const back = (part: Int32Array): Int32Array => part.map(i => later[i]!)
  const [fitted, judges] = [back(split.train), back(split.test)]
  const calibrator = await fit(loaded, labelled, fitted)
  const model = recalibratedGraph(loaded.model, head.output, calibrator)
  const judged = await judge(loaded, { model, calibrator, labelled, fitted, judges })
  if (!((judged.comparison.brierHigh ?? 0) < 0))
    throw new Negative(`no better, so nothing is written: ${wordsOf(judged)}`)
  log.info(wordsOf(judged))
  const named = { name: basename(dirname(resolve(dir))), version: basename(dir) }
  const bundle = recalibratedBundle(loaded.bundle, {
    ...named,
    model,
    judged,
    file: basename(file),
  })
  // What is written says what was measured, or it is not written.
  await verifyBundle({ dir, bundle, model })
  writeBundle(dir, bundle, model, cardText(bundle))
  return { bundle, dir, judged }
}

async function readRows(file: string, bundle: Bundle, options: Options): Promise<Read> {
  const { label, time, group, timeFormat, timeZone, decimal } = options
  const isTable = !isExport(file)
  const clock = time ?? (isTable ? 'ts' : undefined)
  if (isTable && !(await columnNames(file)).includes(clock!))
    throw new UsageError(`${file} has no column ${clock} with the times of its rows; say --time`)
  const columns = { label, time: clock, group, timeFormat, timeZone, decimal }
  const recipe = { algo: 'trainer', command: '', horizon: 0, embargo: 0, ...columns } as const
  return bundleRows(file, recipe, [{ ...bundle, heads: bundle.heads.slice(0, 1) }])
}

type Read = Omit<Labelled, 'newest'>

/** Time until the label of a model is known, where its horizon has one. */
function horizonOf({ data: { horizon } }: Bundle): number {
  const [found] = horizon === undefined ? [] : horizonsOf([horizon])
  return found?.kind === 'time' ? found.ms : 0
}

/** Rows after the newest that the model learned, stopped or was calibrated on. */
function laterThanLearned({ data }: Bundle, { time }: Read, log: Log): Int32Array {
  const ends = Object.entries(data.parts).map(([part, { to }]) => (part === 'test' ? 0 : (to ?? 0)))
  const newest = Math.max(0, ...ends)
  const all = Int32Array.from(time.keys())
  const later = all.filter(i => time[i]! > newest)
  if (later.length < all.length)
    log.warn(
      `${all.length - later.length} of ${all.length} rows are of the time that the model learned ` +
        `from (until ${new Date(newest).toISOString()}): left out`,
    )
  return later
}

/** Rows that predict would score: with more unknown inputs than the test had there is no number. */
function servedRows(bundle: Bundle, labelled: Read, rows: Int32Array, log: Log): Int32Array {
  const { mostUnknown } = bundle
  if (mostUnknown === undefined || rows.length === 0) return rows
  const unknown = new Int32Array(rows.length)
  for (const [k, { data, shape }] of labelled.feeds(bundle, rows).entries()) {
    if (bundle.inputs[k]!.features === undefined) continue
    for (const [at, value] of data.entries())
      if (Number.isNaN(value)) unknown[Math.floor(at / shape[0]!)]!++
  }
  const kept = rows.filter((_, i) => unknown[i]! <= mostUnknown)
  if (kept.length < rows.length)
    log.warn(
      `${rows.length - kept.length} rows with more than ${mostUnknown} unknown inputs, which get ` +
        'no score, are left out',
    )
  return kept
}

/** Rows that were learned from tell how well a model remembers. */
function mustBeUnseen(bundle: Bundle, labelled: Read, rows: Int32Array): void {
  const { seen } = bundle.data
  const found = seen === undefined ? undefined : seenShare(seen, hashesOf(bundle, labelled, rows))
  if (found !== undefined && found.share > 0.01)
    throw new DataError(
      `the model was trained on ${Math.round(100 * found.share)} % of these rows; calibrate it ` +
        'on others',
    )
}

/** Hashes of the content of rows, by the first input of the model. */
function hashesOf(bundle: Bundle, labelled: Read, rows: Int32Array): number[] {
  if (rows.length === 0) return []
  const { data, shape } = labelled.feeds(bundle, rows)[0]!
  const width = shape.reduce((product, side) => product * side, 1)
  return Array.from(rows, (_, i) => rowHash(data.subarray(i * width, (i + 1) * width)))
}

async function fit(loaded: LoadedBundle, labelled: Read, rows: Int32Array): Promise<Calibrator> {
  const [said] = await scoreRows(loaded, labelled, rows)
  const [label] = labelsOf(labelled, rows)
  const calibrator = fitCalibrator(said!.map(logOdds), label!, 0, takesKnots(loaded.model))
  if (calibrator.method === 'prior')
    throw new DataError(
      `${label!.reduce((sum, y) => sum + y, 0)} of ${rows.length} rows to fit on happened: ` +
        'at least 10 must have happened and 10 must not',
    )
  return calibrator
}

interface Fitted {
  model: Uint8Array
  calibrator: Calibrator
  labelled: Read
  fitted: Int32Array
  judges: Int32Array
}

async function judge(loaded: LoadedBundle, made: Fitted): Promise<Judged> {
  const { model, calibrator, labelled, fitted, judges } = made
  const { bundle } = loaded
  const [before] = (await scoreRows(loaded, labelled, judges)) as [Float64Array]
  const [after] = (await scoreRows({ ...loaded, model }, labelled, judges)) as [Float64Array]
  const expected = before.map(p => calibrate(calibrator, logOdds(p)))
  if (after.some((p, i) => !(Math.abs(p - expected[i]!) < 1e-4)))
    throw new Failure(`${bundle.name}@${bundle.version}: its graph does not take a calibrator`)
  const [label] = labelsOf(labelled, judges) as [Float64Array]
  const time = Float64Array.from(judges, i => labelled.time[i]!)
  const groups = Int32Array.from(judges, i => labelled.groups[i]!)
  const hours = groupNumbers(Array.from(time, t => String(Math.floor(t / HOUR_MS))))
  // Rows of one token and rows of one hour move together: the wider interval of the two counts.
  const [found] = [hours, groups]
    .map(units => compareModels(label, after, before, { groups: units }))
    .sort(
      (a, b) =>
        (b.brierHigh ?? Number.POSITIVE_INFINITY) - (a.brierHigh ?? Number.POSITIVE_INFINITY),
    )
  return {
    calibrator,
    fitted: partOf(labelled, fitted),
    tested: partOf(labelled, judges),
    hashes: hashesOf(bundle, labelled, fitted),
    label,
    time,
    groups,
    before,
    after,
    comparison: found!,
  }
}

function partOf(labelled: Read, rows: Int32Array): Bundle['data']['parts'][string] {
  const [label] = labelsOf(labelled, rows) as [Float64Array]
  const [first, last] = [rows[0], rows.at(-1)].map(i => labelled.time[i ?? -1])
  return {
    rows: rows.length,
    positives: label.reduce((sum, y) => sum + y, 0),
    ...(first === undefined || last === undefined ? {} : { from: first, to: last }),
  }
}

/** `Brier score 0.021 → 0.019 on 4,000 later rows, difference −0.002 (95 % −0.003 to −0.001)`. */
function wordsOf({ label, before, after, comparison, calibrator }: Judged): string {
  const short = (x: number | undefined): string =>
    x === undefined ? '?' : `${Number(x.toPrecision(4))}`
  const { brierDifference, brierLow, brierHigh } = comparison
  return (
    `${calibrator.method} on ${calibrator.rows} rows, Brier score ` +
    `${short(brier(label, before))} → ${short(brier(label, after))} on ${label.length} later ` +
    'rows, difference ' +
    `${short(brierDifference)} (95 % ${short(brierLow)} to ${short(brierHigh)})`
  )
}
