import { SETS } from '../features/sets.ts'
import type { FeatureSet } from '../records/features.ts'
import type { Quality } from '../records/quality.ts'
import type { Rec } from '../records/record.ts'
import { makeLine } from '../stream/line.ts'
import type { Step } from '../stream/step.ts'
import { type Column, type ColumnSummary, makeColumn } from './column.ts'
import type { SummaryLimits } from './quality-flags.ts'

interface SummaryOptions extends SummaryLimits {
  count(what: string): void
}

/** Columns of tensors are not values of a line. */
const TENSORS: Record<string, number> = { sequence: 5, price: 10 }
const EXPECTED = new Map<string, readonly string[]>(
  Object.values(SETS).map(set => [
    set.name,
    set.features.slice(TENSORS[set.name] ?? 0).map(feature => feature.name),
  ]),
)
/** Counts and flags rest at 0 and 1 for long without anything being wrong. */
const RESTING = new Set(['0/1', 'count'])
const MAY_REST = new Set(
  Object.values(SETS).flatMap(set =>
    set.features.filter(({ unit }) => RESTING.has(unit)).map(({ name }) => `${set.name}.${name}`),
  ),
)
const STUCK = { share: 0.25, lines: 100 }
const LABELS = ['outcome', 'profitable', 'rug', 'willMoon', 'willRug', 'success'] as const

/**
 * Reduces lines to one line of kind quality per feature of the ready sets, one per label, and one
 * for all of them, at the end of input. Points off 100, per feature: 50·(share missing), 30 for a
 * constant column, 30 for a stale one (no new value in the last quarter of at least 100 lines: a
 * feed that died), 20·(share of robust outliers), 30 for a 24-hour volume that equals the
 * liquidity; per label: 30 when imbalanced. The score of all is the mean of the features’, less 10
 * per imbalanced label. Marks are counted.
 */
export function makeSummary(limits: SummaryOptions): Step {
  const columns = new Map<string, Column>()
  const labels = new Map<string, Map<string, number>>()
  let [lastTs, lines, twins] = [0, 0, 0]

  const seeSet = (name: string, set: FeatureSet): void => {
    const values = new Map(Object.entries({ ...set.values, ...set.context, ...set.indicators }))
    for (const feature of EXPECTED.get(name) ?? []) {
      const key = `${name}.${feature}`
      let column = columns.get(key)
      if (column === undefined) columns.set(key, (column = makeColumn(key)))
      column.put(values.get(feature))
    }
    const { liquidity, volume24h } = set.context ?? {}
    if (volume24h !== undefined && volume24h > 0 && volume24h === liquidity) twins++
  }
  return {
    isReducer: true,
    setBack: ts => {
      lastTs = ts
    },
    line: ({ rec }) => {
      if (rec.warm === true) return
      lines++
      lastTs = Math.max(lastTs, rec.ts)
      for (const [name, set] of Object.entries(rec.features ?? {})) if (set.ready) seeSet(name, set)
      if (rec.label !== undefined) seeLabel(labels, rec.label)
    },
    end: emit => {
      const all: Quality[] = []
      for (const [name, column] of columns) {
        const summary = column.summary()
        const isTwin = name === 'sequence.volume24h' && twins > summary.lines / 2
        all.push(judgeFeature(name, summary, { isTwin, isStale: isStale(name, summary) }, limits))
      }
      const classes = [...labels].map(([name, counts]) => judgeLabel(name, counts, limits))
      for (const quality of [...all, ...classes, overall(all, classes, lines)]) {
        if (quality.column !== 'all') for (const mark of quality.marks) limits.count(mark)
        emit(makeLine(lineOf(quality, lastTs)))
      }
    },
  }
}

function seeLabel(
  labels: Map<string, Map<string, number>>,
  label: NonNullable<Rec['label']>,
): void {
  if (label.censored) return
  for (const field of LABELS) {
    if (label[field] === undefined) continue
    const key = `label.${label.horizon}.${field}`
    const counts = labels.get(key) ?? new Map<string, number>()
    labels.set(key, counts.set(String(label[field]), (counts.get(String(label[field])) ?? 0) + 1))
  }
}

/** Values that changed before and no longer do. A value of 0 may rest: nothing happened. */
const isStale = (
  name: string,
  { stuck = 0, sigma = 0, lines, missing, ...rest }: ColumnSummary,
): boolean =>
  !MAY_REST.has(name) &&
  lines >= STUCK.lines &&
  stuck >= STUCK.share &&
  sigma > 0 &&
  missing < 1 &&
  rest.last !== 0

function judgeFeature(
  column: string,
  { last: _, ...summary }: ColumnSummary,
  { isTwin, isStale }: { isTwin: boolean; isStale: boolean },
  limits: SummaryLimits,
): Quality {
  const isConstant = summary.sigma === 0 && summary.lines > 1
  const score =
    100 -
    50 * summary.missing -
    (isConstant ? 30 : 0) -
    (isStale ? 30 : 0) -
    20 * (summary.robustOutliers ?? 0) -
    (isTwin ? 30 : 0)
  const marks = [
    ...(summary.missing > limits.maxMissing ? ['missing'] : []),
    ...(isConstant ? ['constant'] : []),
    ...(isStale ? ['stale'] : []),
    ...(isTwin ? ['volume-is-reserve'] : []),
  ]
  return { score: Math.max(0, score), marks, column, ...summary }
}

function judgeLabel(
  column: string,
  counts: ReadonlyMap<string, number>,
  limits: SummaryLimits,
): Quality {
  const sizes = [...counts.values()]
  const imbalance = Math.max(...sizes) / Math.min(...sizes)
  const isBad = sizes.length < 2 || imbalance > limits.maxImbalance
  const lines = sizes.reduce((sum, size) => sum + size, 0)
  return { score: isBad ? 70 : 100, marks: isBad ? ['imbalance'] : [], column, lines, imbalance }
}

function overall(features: readonly Quality[], labels: readonly Quality[], lines: number): Quality {
  const mean = features.reduce((sum, { score }) => sum + score, 0) / Math.max(1, features.length)
  const imbalanced = labels.filter(({ marks }) => marks.length > 0).length
  const marks = [...new Set([...features, ...labels].flatMap(quality => quality.marks))].sort()
  return {
    score: Math.max(0, (features.length === 0 ? 100 : mean) - 10 * imbalanced),
    marks,
    column: 'all',
    lines,
  }
}

const lineOf = (quality: Quality, ts: number): Rec => ({
  v: 1,
  id: `quality:${quality.column}:${ts}`,
  ts,
  kind: 'quality',
  source: 'quality',
  quality,
})
