import { auc, aucInterval, makeWeightedAuc } from '../../maths/auc.ts'
import { bootstrapByGroup, wilson } from '../../maths/confidence-interval.ts'
import { likeliest, lossesOf } from '../../maths/loss.ts'
import { type Metric, metric, type ReportOptions } from './evaluation.ts'
import { makeResampler } from './resample-units.ts'

/**
 * Classes 0 … K−1 from K columns of probabilities: accuracy beside the share of the most frequent
 * class, log loss, macro F1 over the classes that occur or are said, and the AUC of each class
 * against the rest with their mean. With groups the bootstrap draws whole tokens.
 */
export function reportClasses(
  label: Float64Array,
  columns: readonly Float64Array[],
  names: readonly string[],
  { groups, runs = 300, seed = 'report' }: ReportOptions = {},
): Metric[] {
  const rows = label.length
  const said = Float64Array.from(label, (_, i) => likeliest(columns, i))
  const hits = label.reduce((sum, y, i) => sum + (said[i] === y ? 1 : 0), 0)
  const counts = columns.map((_, k) => label.reduce((sum, y) => sum + (y === k ? 1 : 0), 0))
  const squares = lossesOf('classes', [label], columns).loss
  const resampler = makeResampler(rows, FIRST + 3 * columns.length, groups, (i, out) => {
    const [y, guess] = [label[i]!, said[i]!]
    out[0] = 1
    out[1] = -Math.log(Math.max(1e-15, columns[y]?.[i] ?? 0))
    out[2] = squares[i]!
    out[FIRST + 3 * y] = 1
    out[FIRST + 1 + 3 * guess] = 1
    if (y === guess) out[FIRST + 2 + 3 * y] = 1
  })
  const of = (sums: Float64Array): number[] => {
    const [n, loss, square] = sums as unknown as [number, number, number]
    return [square / n, loss / n, macroF1(sums)]
  }
  const [square, loss, f1] = of(resampler.total) as [number, number, number]
  const [ofSquare, ofLoss, ofF1] = resampler(of, { runs, seed })
  return [
    ...metric('rows', rows),
    ...metric('accuracy', hits / rows, wilson(hits, rows)),
    ...metric('majorityShare', Math.max(...counts) / rows, wilson(Math.max(...counts), rows)),
    ...metric('brier', square, ofSquare),
    ...metric('logLoss', loss, ofLoss),
    ...metric('macroF1', f1, ofF1),
    ...areas(label, columns, names, { groups, runs, seed }),
  ]
}

/** Where the sums of the classes begin, three each. */
const FIRST = 3

/** Mean F1 of the classes: per class the sums hold how often it is, is said, is both. */
function macroF1(sums: Float64Array): number {
  let [total, classes] = [0, 0]
  for (let at = FIRST; at < sums.length; at += 3) {
    const both = sums[at]! + sums[at + 1]!
    if (both === 0) continue
    total += (2 * sums[at + 2]!) / both
    classes++
  }
  return total / classes
}

function areas(
  label: Float64Array,
  columns: readonly Float64Array[],
  names: readonly string[],
  { groups, runs = 300, seed = 'report' }: ReportOptions,
): Metric[] {
  const found = columns.flatMap((column, k) => {
    const isClass = label.map(y => (y === k ? 1 : 0))
    const area = auc(isClass, column)
    return area === undefined
      ? []
      : [{ name: names[k] ?? String(k), area, of: makeWeightedAuc(isClass, column) }]
  })
  if (found.length === 0) return []
  const units = groups ?? Int32Array.from(label, (_, i) => i)
  const mean = (weight: Float64Array): number =>
    found.reduce((sum, { of }) => sum + of(weight), 0) / found.length
  const macro = found.reduce((sum, { area }) => sum + area.auc, 0) / found.length
  return [
    ...metric('macroAuc', macro, bootstrapByGroup(units, mean, { runs, seed })),
    ...found.flatMap(({ name, area }) => metric(`auc.${name}`, area.auc, aucInterval(area))),
  ]
}
