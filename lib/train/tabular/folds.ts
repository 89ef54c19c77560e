import { DataError } from '../../base/errors.ts'
import { combinationCount } from '../../maths/combinations.ts'
import { meanOf } from '../../maths/loss.ts'
import type { Bundle } from '../../model/bundle.ts'
import { divideTable } from '../../table/price-units.ts'
import { take } from '../../table/table.ts'
import {
  combinatorial,
  type GroupSplit,
  type Split,
  splitByTime,
  walkForward,
} from '../data/splits.ts'
import { reportHead } from '../evaluate/report-head.ts'
import type { Groups, TrainFlags } from '../train-flags.ts'
import { fitHead, type Part, type Parts, partOf, withRelativePrices } from './fit-head.ts'
import { predictHead } from './serving-model.ts'
import { measurePart } from './tabular-bundle.ts'
import type { TrainOptions } from './train-head.ts'

/** Trainings that `--folds` asks for, beside the one of the model. */
export const trainingsOf = (folds: TrainFlags['folds']): number =>
  typeof folds === 'number' ? folds : combinationCount(folds.groups, folds.tested)

/**
 * Walk-forward: trains anew for every fold on what came before it and measures on what came after.
 */
export function measureFolds(options: TrainOptions, folds: number): Bundle['metrics'] {
  const { whole, settings, prices, about, head } = options
  return walkForward(whole.time, folds, cutOf(options)).flatMap((cut, k) => {
    const parts = partsOf(options, cut)
    if (parts.train.rows.length === 0 || parts.test.rows.length === 0) return []
    const fitted = fitHead(head, parts, settings, options)
    const metrics = measurePart({ whole, parts, prices, fitted, settings }, parts.test, about)
    return metrics.map(metric => ({ head, part: `fold${k + 1}`, ...metric }))
  })
}

const cutOf = ({ whole, split }: TrainOptions) => {
  const groups = split.disjoint ? whole.groups : undefined
  return { ...split, ...(groups === undefined ? {} : { groups }) }
}

/** The rows of a split, those of its validation slice for stopping and for calibration. */
function partsOf({ whole, split, prices }: TrainOptions, cut: Split): Parts {
  const part = (rows: Int32Array): Part => partOf(whole, rows)
  const ofValid = splitByTime(take(whole.time, cut.valid), { ...split, valid: 0, test: 0.5 })
  const back = (rows: Int32Array): Part => part(rows.map(i => cut.valid[i]!))
  const raw: Parts = {
    train: part(cut.train),
    stop: back(ofValid.train),
    calibration: back(ofValid.test),
    test: part(cut.test),
  }
  return withRelativePrices(raw, prices)
}

/**
 * Purged combinatorial cross-validation: trains anew for every split. Each model tells of the
 * groups that it did not learn from; these are put together to paths, whole histories in which
 * every row is judged once (López de Prado 2018, § 12.3: tested/groups × splits paths; path p takes
 * the p-th model that tested a group). Metrics per path, then their mean, deviation (n − 1), lowest
 * and highest.
 * @throws DataError when a split has no rows to learn from.
 */
export function measurePaths(options: TrainOptions, groups: Groups): Bundle['metrics'] {
  const { whole, settings, about, head } = options
  const splits = combinatorial(whole.time, groups, cutOf(options))
  const saidOf = Array.from({ length: groups.groups }, (): Said[] => [])
  for (const [s, split] of splits.entries())
    for (const [k, said] of judge(options, split, `${s + 1} of ${splits.length}`).entries())
      saidOf[split.tested[k]!.group]!.push(said)
  const paths = saidOf[0]!.map((_, p) => {
    const columns = joined(
      saidOf.map(said => said[p]!),
      whole.label.length,
    )
    const found = reportHead(settings.objective, whole.label, columns, {
      threshold: about.threshold,
      groups: whole.groups,
      labels: about.labels,
    })
    return found.map(metric => ({ head, part: `path${p + 1}`, ...metric }))
  })
  const counts = { splits: splits.length, paths: paths.length }
  return [
    ...paths.flat(),
    ...Object.entries(counts).map(([name, value]) => ({ head, part: 'paths', name, value })),
    ...spreadOver(paths),
  ]
}

/** What a model said of the rows of a group that it had not learned from, per output. */
interface Said {
  rows: Int32Array
  columns: Float64Array[]
}

/** Trains on a split, and asks of each group that it tests. */
function judge(options: TrainOptions, { tested, ...cut }: GroupSplit, which: string): Said[] {
  const { whole, settings, prices, head } = options
  const parts = partsOf(options, { ...cut, test: new Int32Array() })
  if (parts.train.rows.length === 0)
    throw new DataError(
      `split ${which} has no rows to learn from after purging: fewer groups, or a shorter ` +
        '--horizon or --embargo',
      { field: 'folds' },
    )
  const fitted = fitHead(head, parts, settings, options)
  return tested.map(({ rows }) => {
    const { table } = partOf(whole, rows)
    const seen = prices === undefined ? table : divideTable(table, prices)
    return { rows, columns: predictHead(fitted.head, seen) }
  })
}

/** What was said of all rows, from what was said of each group. */
function joined(said: readonly Said[], rows: number): Float64Array[] {
  return said[0]!.columns.map((_, c) => {
    const whole = new Float64Array(rows)
    for (const { rows: at, columns } of said)
      for (const [k, row] of at.entries()) whole[row] = columns[c]![k]!
    return whole
  })
}

/** What is said of the rows themselves, which are the same on every path. */
const OF_ROWS = ['rows', 'baseRate']

/** How far the metrics of paths lie from one another. */
function spreadOver(paths: readonly Bundle['metrics'][]): Bundle['metrics'] {
  const told = (paths[0] ?? []).filter(({ name }) => !OF_ROWS.includes(name))
  return told.flatMap(({ head, name }) => {
    const values = paths.flatMap(path => path.find(at => at.name === name)?.value ?? [])
    const mean = meanOf(values)
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    const figures = {
      mean,
      ...(values.length > 1 ? { deviation: Math.sqrt(squares / (values.length - 1)) } : {}),
      lowest: Math.min(...values),
      highest: Math.max(...values),
    }
    return Object.entries(figures).map(([figure, value]) => ({
      head,
      part: 'paths',
      name: `${name} ${figure}`,
      value,
    }))
  })
}
