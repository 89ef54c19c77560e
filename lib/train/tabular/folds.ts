import type { Bundle } from '../../model/bundle.ts'
import { take } from '../../table/table.ts'
import { splitByTime, walkForward } from '../data/splits.ts'
import { fitHead, type Part, type Parts, partOf, withRelativePrices } from './fit-head.ts'
import { measurePart } from './tabular-bundle.ts'
import type { TrainOptions } from './train-head.ts'

/**
 * Walk-forward: trains anew for every fold on what came before it and measures on what came after.
 */
export function measureFolds(options: TrainOptions, folds: number): Bundle['metrics'] {
  const { whole, split, settings, prices, about, head } = options
  const groups = split.disjoint ? whole.groups : undefined
  const cuts = walkForward(whole.time, folds, {
    ...split,
    ...(groups === undefined ? {} : { groups }),
  })
  return cuts.flatMap((cut, k) => {
    const part = (rows: Int32Array): Part => partOf(whole, rows)
    const ofValid = splitByTime(take(whole.time, cut.valid), { ...split, valid: 0, test: 0.5 })
    const back = (rows: Int32Array): Part => part(rows.map(i => cut.valid[i]!))
    const raw: Parts = {
      train: part(cut.train),
      stop: back(ofValid.train),
      calibration: back(ofValid.test),
      test: part(cut.test),
    }
    const parts = withRelativePrices(raw, prices)
    if (parts.train.rows.length === 0 || parts.test.rows.length === 0) return []
    const fitted = fitHead(head, parts, settings, options)
    const metrics = measurePart({ whole, parts, prices, fitted, settings }, parts.test, about)
    return metrics.map(metric => ({ head, part: `fold${k + 1}`, ...metric }))
  })
}
