import { type Baseline, makeBaseline } from '../../alerts/baseline.ts'
import { firstPerToken, onePerToken } from '../../alerts/one-per-token.ts'
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
  const { whole, parts } = trained
  const part = [parts.test, parts.calibration].find(({ rows }) => rows.length >= LEAST_ROWS)
  const said = part === undefined ? [] : columnsOf(trained, about, part)
  const first = new Set(firstPerToken(whole.groups, whole.time, whole.table.rows))
  const of = (pick: (rows: Int32Array) => Kept) => ({
    features: Object.fromEntries(features(trained, pick(parts.train.rows))),
    predictions:
      part === undefined ? {} : Object.fromEntries(predictions(part, said, pick(part.rows))),
  })
  return {
    periodMs: PERIOD_MS,
    ...of(rows => onePerToken(rows, whole.groups, whole.time, PERIOD_MS)),
    arrivals: of(rows => {
      const kept = rows.filter(row => first.has(row))
      return { rows: kept, tokens: kept.length }
    }),
  }
}

type Kept = ReturnType<typeof onePerToken>

function features({ whole, prices }: Trained, kept: Kept): [string, Baseline][] {
  const { table } = partOf(whole, kept.rows)
  const all = table.names.map((name, f): [string, Baseline] => [
    name,
    makeBaseline(table.columns[f]!, kept.tokens),
  ])
  // The price of a token says nothing about drift.
  return all.filter((_, f) => prices?.columns.includes(f) !== true)
}

function predictions(
  part: Part,
  said: readonly [string, Float64Array][],
  kept: Kept,
): [string, Baseline][] {
  const wanted = new Set(kept.rows)
  const at = [...part.rows.keys()].filter(i => wanted.has(part.rows[i]!))
  return said.map(([name, column]) => [
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
): [string, Float64Array][] {
  const columns = predictHead(fitted.head, part.table)
  if (labels === undefined) return kind === 'price' ? [] : [[fitted.head.name, columns[0]!]]
  const rug = labels.indexOf('RUG')
  const highest = part.label.map((_, i) => Math.max(...columns.map(column => column[i]!)))
  return rug < 0
    ? [['confidence', highest]]
    : [
        ['rugProb', columns[rug]!],
        ['confidence', highest],
      ]
}
