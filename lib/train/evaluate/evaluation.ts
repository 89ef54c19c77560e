import {
  auc,
  aucInterval,
  averagePrecision,
  makeWeightedAuc,
  makeWeightedPrecision,
  midranks,
} from '../../maths/auc.ts'
import { bootstrapByGroup, type Interval, wilson } from '../../maths/confidence-interval.ts'
import { baseRate, brier, brierSkill, confusion, logLoss, rowLoss } from './proper.ts'
import { binOf, calibrationError, calibrationFloor } from './reliability.ts'
import { makeResampler } from './resample-units.ts'

/** A number with its 95 % interval where one is known. */
export interface Metric {
  name: string
  value: number
  low?: number
  high?: number
}

export interface ReportOptions {
  /** Probability from which the model says yes. */
  threshold?: number
  /** Token per row: intervals then come from resampling whole tokens. */
  groups?: Int32Array | undefined
  runs?: number
  seed?: string | number
}

/** A metric, or none where the number does not exist. */
export const metric = (name: string, value: number, interval?: Interval): Metric[] =>
  Number.isFinite(value)
    ? [{ name, value, ...(interval === undefined ? {} : { low: interval[0], high: interval[1] }) }]
    : []

/**
 * Everything about probabilities of a 0/1 label. Metrics that do not exist for the rows (AUC with
 * one class) are left out. Shares have Wilson intervals, the AUC DeLong's, all others the
 * bootstrap; with groups it draws whole tokens, since rows of one token are dependent, and
 * `aucByGroup` stands beside the AUC.
 */
export function reportBinary(
  label: Float64Array,
  p: Float64Array,
  options: ReportOptions = {},
): Metric[] {
  const { threshold = 0.5 } = options
  const ones = label.reduce((sum, y) => sum + (y === 1 ? 1 : 0), 0)
  const floor = calibrationFloor(p, { runs: 100 })
  const [ofBrier, ofSkill, ofLoss, ofError, ofF1] = sumIntervals(label, p, options)
  return [
    ...metric('rows', label.length),
    ...metric('baseRate', baseRate(label), wilson(ones, label.length)),
    ...reportRanks(label, p, options),
    ...metric('brier', brier(label, p), ofBrier),
    ...metric('brierSkill', brierSkill(label, p), ofSkill),
    ...metric('logLoss', logLoss(label, p), ofLoss),
    ...metric('calibrationError', calibrationError(label, p), ofError),
    ...metric('calibrationFloor', floor.mean, [0, floor.q95]),
    ...atThreshold(label, p, threshold, ofF1),
  ]
}

/** What any score of a 0/1 label can be judged by: how it orders the rows. */
export function reportRanks(
  label: Float64Array,
  score: Float64Array,
  options: ReportOptions = {},
): Metric[] {
  const { groups, runs = 500, seed = 'report' } = options
  const area = auc(label, score)
  const units = groups ?? Int32Array.from(label, (_, i) => i)
  const precision = averagePrecision(label, score)
  return [
    ...(area === undefined ? [] : metric('auc', area.auc, aucInterval(area))),
    ...(area === undefined || groups === undefined
      ? []
      : metric(
          'aucByGroup',
          area.auc,
          bootstrapByGroup(groups, makeWeightedAuc(label, score), { runs, seed }),
        )),
    ...(precision === undefined
      ? []
      : metric(
          'averagePrecision',
          precision,
          bootstrapByGroup(units, makeWeightedPrecision(label, score), { runs, seed }),
        )),
  ]
}

const BINS = 10

/**
 * Intervals of Brier score, skill, log loss, calibration error and F1: all are functions of sums
 * over rows.
 */
function sumIntervals(
  label: Float64Array,
  p: Float64Array,
  options: ReportOptions,
): (Interval | undefined)[] {
  const { threshold = 0.5, groups, runs = 500, seed = 'report' } = options
  const resample = makeResampler(label.length, 7 + BINS, groups, (i, out) => {
    const [y, said] = [label[i]!, p[i]!]
    const isSaid = said >= threshold
    out[0] = 1
    out[1] = y
    out[2] = (said - y) ** 2
    out[3] = rowLoss(y, said)
    out[4] = isSaid && y === 1 ? 1 : 0
    out[5] = isSaid && y !== 1 ? 1 : 0
    out[6] = !isSaid && y === 1 ? 1 : 0
    out[7 + binOf(said, BINS)] = y - said
  })
  const found = resample(
    sums => {
      const [n, ones, squares, loss, tp, fp, fn] = sums as unknown as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ]
      const rate = ones / n
      let error = 0
      for (let k = 0; k < BINS; k++) error += Math.abs(sums[7 + k]!)
      return [
        squares / n,
        1 - squares / n / (rate * (1 - rate)),
        loss / n,
        error / n,
        (2 * tp) / (2 * tp + fp + fn),
      ]
    },
    { runs, seed },
  )
  // Noise adds to an absolute error, and drawing anew adds it a second time: the basic interval
  // takes it off again.
  const error = calibrationError(label, p)
  const drawn = found[3]
  if (drawn !== undefined)
    found[3] = [Math.max(0, 2 * error - drawn[1]), Math.max(0, 2 * error - drawn[0])]
  return found
}

function atThreshold(
  label: Float64Array,
  p: Float64Array,
  threshold: number,
  ofF1: Interval | undefined,
): Metric[] {
  const { tp, fp, tn, fn } = confusion(label, p, threshold)
  const share = (name: string, k: number, n: number): Metric[] =>
    n === 0 ? [] : metric(name, k / n, wilson(k, n))
  return [
    ...metric('threshold', threshold),
    ...share('accuracy', tp + tn, label.length),
    ...share('precision', tp, tp + fp),
    ...share('recall', tp, tp + fn),
    ...metric('f1', (2 * tp) / (2 * tp + fp + fn), ofF1),
  ]
}

/**
 * Errors of a forecast number beside those of the mean of the label, and how it orders the rows
 * (Spearman).
 */
export function reportRegression(
  label: Float64Array,
  value: Float64Array,
  { groups, runs = 500, seed = 'report' }: ReportOptions = {},
): Metric[] {
  const [x, y] = [midranks(value), midranks(label)]
  const rows = label.length
  const middle = (rows + 1) / 2
  const fill = (i: number, out: Float64Array): void => {
    const error = value[i]! - label[i]!
    const [a, b] = [x[i]! - middle, y[i]! - middle]
    out.set([1, label[i]!, label[i]! ** 2, Math.abs(error), error ** 2, a * b, a * a, b * b, a, b])
  }
  const of = (sums: Float64Array): number[] => {
    const [n, sum, squares, absolute, squared, ab, aa, bb, a, b] =
      sums as unknown as number[] as SumsOfErrors
    const spread = squares / n - (sum / n) ** 2
    const together = ab / n - (a / n) * (b / n)
    const apart = Math.sqrt((aa / n - (a / n) ** 2) * (bb / n - (b / n) ** 2))
    return [
      sum / n,
      absolute / n,
      Math.sqrt(squared / n),
      1 - squared / n / spread,
      together / apart,
    ]
  }
  const resampler = makeResampler(rows, 10, groups, fill)
  const values = of(resampler.total)
  const intervals = resampler(of, { runs, seed })
  return [
    ...metric('rows', rows),
    ...['meanLabel', 'mae', 'rmse', 'r2', 'spearman'].flatMap((name, k) =>
      metric(name, values[k]!, intervals[k]),
    ),
  ]
}

type SumsOfErrors = [number, number, number, number, number, number, number, number, number, number]
