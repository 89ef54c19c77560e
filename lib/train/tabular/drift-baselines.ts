import { type Baseline, makeBaseline } from '../../alerts/baseline.ts'
import { onePerToken } from '../../alerts/one-per-token.ts'
import type { Bundle } from '../../model/bundle.ts'
import { type Part, partOf } from './fit-head.ts'
import { predictHead } from './serving-model.ts'
import type { About, Trained } from './tabular-bundle.ts'

/**
 * Length of a live window: the baseline takes one row per token and such a period, as a window
 * does.
 */
export const PERIOD_MS = 86_400_000
/** Fewest rows whose predictions are a baseline. */
export const LEAST_ROWS = 100

/**
 * What live data are compared with: the raw features of the training rows, and the predictions on
 * rows that the model was not trained on (on those it was, they are too sure).
 */
export function driftBaselines(trained: Trained, about: About): NonNullable<Bundle['drift']> {
  const { whole, parts, prices } = trained
  const seen = onePerToken(parts.train.rows, whole.groups, whole.time, PERIOD_MS)
  const { table } = partOf(whole, seen.rows)
  const features = table.names.map((name, f): [string, Baseline] => [
    name,
    makeBaseline(table.columns[f]!, seen.tokens),
  ])
  // The price of a token says nothing about drift.
  const compared = features.filter((_, f) => prices?.columns.includes(f) !== true)
  return {
    periodMs: PERIOD_MS,
    features: Object.fromEntries(compared),
    predictions: Object.fromEntries(predictions(trained, about)),
  }
}

function predictions(trained: Trained, about: About): [string, Baseline][] {
  const { whole, parts, fitted } = trained
  const part = [parts.test, parts.calibration].find(({ rows }) => rows.length >= LEAST_ROWS)
  if (part === undefined) return []
  const kept = onePerToken(part.rows, whole.groups, whole.time, PERIOD_MS)
  const wanted = new Set(kept.rows)
  const at = [...part.rows.keys()].filter(i => wanted.has(part.rows[i]!))
  return columnsOf(trained, about, part, fitted.head.name).map(([name, column]) => [
    name,
    makeBaseline(
      at.map(i => column[i]!),
      kept.tokens,
    ),
  ])
}

/** Predictions under the names that records give them; only those that are one number. */
function columnsOf(
  { fitted }: Trained,
  { kind, labels }: About,
  part: Part,
  head: string,
): [string, Float64Array][] {
  const columns = predictHead(fitted.head, part.table)
  if (labels === undefined) return kind === 'price' ? [] : [[head, columns[0]!]]
  const rug = labels.indexOf('RUG')
  const highest = part.label.map((_, i) => Math.max(...columns.map(column => column[i]!)))
  return rug < 0
    ? [['confidence', highest]]
    : [
        ['rugProb', columns[rug]!],
        ['confidence', highest],
      ]
}
