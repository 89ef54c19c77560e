import { auc, aucInterval, averagePrecision, makeWeightedAuc } from './auc.ts'
import { bootstrapByGroup, type Interval, wilson } from './interval.ts'
import { likeliest, lossesOf, meanOf } from './loss.ts'
import { baseRate, brier, brierSkill, confusion, logLoss } from './proper.ts'
import { calibrationError, calibrationFloor } from './reliability.ts'

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

const metric = (name: string, value: number, interval?: Interval): Metric[] =>
  Number.isFinite(value)
    ? [{ name, value, ...(interval === undefined ? {} : { low: interval[0], high: interval[1] }) }]
    : []

/**
 * Everything about probabilities of a 0/1 label. Metrics that do not exist for the rows (AUC with one class) are left
 * out. Intervals of `…ByGroup` draw whole tokens, since rows of one token are dependent; the others treat rows as
 * independent and are too narrow where they are not.
 */
export function reportBinary(label: Float64Array, p: Float64Array, options: ReportOptions = {}): Metric[] {
  const { threshold = 0.5, groups, runs = 500, seed = 'report' } = options
  const rows = label.length
  const ones = label.reduce((sum, y) => sum + (y === 1 ? 1 : 0), 0)
  const area = auc(label, p)
  const boot = (of: (weight: Float64Array) => number): Interval | undefined =>
    groups === undefined ? undefined : bootstrapByGroup(groups, of, { runs, seed })
  const floor = calibrationFloor(p, { runs: 100 })
  return [
    ...metric('rows', rows),
    ...metric('baseRate', baseRate(label), wilson(ones, rows)),
    ...(area === undefined ? [] : metric('auc', area.auc, aucInterval(area))),
    ...(area === undefined || groups === undefined
      ? []
      : metric('aucByGroup', area.auc, boot(makeWeightedAuc(label, p)))),
    ...metric('averagePrecision', averagePrecision(label, p) ?? Number.NaN),
    ...metric(
      'brier',
      brier(label, p),
      boot(weight => brier(label, p, weight)),
    ),
    ...metric(
      'brierSkill',
      brierSkill(label, p),
      boot(weight => brierSkill(label, p, weight)),
    ),
    ...metric(
      'logLoss',
      logLoss(label, p),
      boot(weight => logLoss(label, p, weight)),
    ),
    ...metric('calibrationError', calibrationError(label, p)),
    ...metric('calibrationFloor', floor.mean, [0, floor.q95]),
    ...atThreshold(label, p, threshold),
  ]
}

function atThreshold(label: Float64Array, p: Float64Array, threshold: number): Metric[] {
  const { tp, fp, tn, fn } = confusion(label, p, threshold)
  const share = (name: string, k: number, n: number): Metric[] => (n === 0 ? [] : metric(name, k / n, wilson(k, n)))
  return [
    ...metric('threshold', threshold),
    ...share('accuracy', tp + tn, label.length),
    ...share('precision', tp, tp + fp),
    ...share('recall', tp, tp + fn),
    ...metric('f1', (2 * tp) / (2 * tp + fp + fn)),
  ]
}

/** Errors of a forecast number beside those of the mean of the label. */
export function reportRegression(
  label: Float64Array,
  value: Float64Array,
  { groups, runs = 500 }: ReportOptions = {},
): Metric[] {
  const mean = baseRate(label)
  const weighted = (of: (i: number) => number) => (weight?: Float64Array) => {
    let [sum, total] = [0, 0]
    for (let i = 0; i < label.length; i++) {
      const w = weight?.[i] ?? 1
      sum += w * of(i)
      total += w
    }
    return sum / total
  }
  const error = (i: number): number => (value[i] as number) - (label[i] as number)
  const absolute = weighted(i => Math.abs(error(i)))
  const squared = weighted(i => error(i) ** 2)
  const spread = weighted(i => ((label[i] as number) - mean) ** 2)
  const r2 = (weight?: Float64Array): number => 1 - squared(weight) / spread(weight)
  const boot = (of: (weight: Float64Array) => number): Interval | undefined =>
    groups === undefined ? undefined : bootstrapByGroup(groups, of, { runs })
  return [
    ...metric('rows', label.length),
    ...metric('meanLabel', mean),
    ...metric('mae', absolute(), boot(absolute)),
    ...metric(
      'rmse',
      Math.sqrt(squared()),
      boot(weight => Math.sqrt(squared(weight))),
    ),
    ...metric('r2', r2(), boot(r2)),
  ]
}

/** Classes 0 … K−1 from probability columns: accuracy beside the share of the most frequent class, log loss, macro F1. */
export function reportClasses(
  label: Float64Array,
  columns: readonly Float64Array[],
  names: readonly string[],
  { groups, runs = 500 }: ReportOptions = {},
): Metric[] {
  const rows = label.length
  const said = Float64Array.from(label, (_, i) => likeliest(columns, i))
  const hits = said.reduce((sum, k, i) => sum + (k === label[i] ? 1 : 0), 0)
  const counts = columns.map((_, k) => label.reduce((sum, y) => sum + (y === k ? 1 : 0), 0))
  const loss = label.reduce((sum, y, i) => sum - Math.log(Math.max(1e-15, columns[y]?.[i] ?? 0)), 0) / rows
  const f1 = columns.map((_, k) => {
    const { tp, fp, fn } = confusion(
      label.map(y => (y === k ? 1 : 0)),
      said.map(y => (y === k ? 1 : 0)),
      0.5,
    )
    return tp + fp + fn === 0 ? Number.NaN : (2 * tp) / (2 * tp + fp + fn)
  })
  const known = f1.filter(value => !Number.isNaN(value))
  const squares = lossesOf('classes', [label], columns).loss
  const brierInterval = groups && bootstrapByGroup(groups, weight => meanOf(squares, weight), { runs })
  return [
    ...metric('rows', rows),
    ...metric('accuracy', hits / rows, wilson(hits, rows)),
    ...metric('majorityShare', Math.max(...counts) / rows),
    ...metric('brier', meanOf(squares), brierInterval),
    ...metric('logLoss', loss),
    ...metric('macroF1', known.reduce((sum, value) => sum + value, 0) / known.length),
    ...names.flatMap((name, k) => {
      const area = auc(
        label.map(y => (y === k ? 1 : 0)),
        columns[k] as Float64Array,
      )
      return area === undefined ? [] : metric(`auc.${name}`, area.auc, aucInterval(area))
    }),
  ]
}
