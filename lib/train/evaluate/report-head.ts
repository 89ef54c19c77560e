import type { Objective } from '../trees/tree-loss.ts'
import { type Metric, type ReportOptions, reportBinary, reportRegression } from './evaluation.ts'
import { reportClasses } from './report-classes.ts'

/** The metrics that fit what a head says; `labels` name the classes of a multiclass head. */
export function reportHead(
  objective: Objective,
  label: Float64Array,
  columns: readonly Float64Array[],
  { labels = [], ...options }: ReportOptions & { labels?: readonly string[] | undefined },
): Metric[] {
  const first = columns[0]!
  if (objective === 'multiclass') return reportClasses(label, columns, labels, options)
  return objective === 'regression'
    ? reportRegression(label, first, options)
    : reportBinary(label, first, options)
}
