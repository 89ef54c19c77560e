/** Train: a fit, what it is worth on the test rows, and the folder that is written of both. */
import { DataError } from '../../base/errors.ts'
import { auc } from '../../maths/auc.ts'
import { range } from '../../maths/sample.ts'
import type { Bundle } from '../../model/bundle.ts'
import { cardText } from '../../model/card.ts'
import { sha256, writeBundle } from '../../model/files.ts'
import { openSession } from '../../onnx/session.ts'
import type { PriceUnits } from '../../table/price-units.ts'
import { take } from '../../table/table.ts'
import { reportHead } from '../evaluate/report-head.ts'
import {
  type FitSettings,
  fitHead,
  makeParts,
  type PartOptions,
  permutationImportance,
  type Surroundings,
  type Whole,
  withRelativePrices,
} from './fit-head.ts'
import { checkParity } from './parity.ts'
import {
  type About,
  bundleOf,
  measurePart,
  modelOf,
  parityMatrix,
  parityTable,
  type Trained,
} from './tabular-bundle.ts'

export interface TrainOptions extends Surroundings {
  whole: Whole
  head: string
  settings: FitSettings
  split: PartOptions
  prices?: PriceUnits | undefined
  about: About
}

/**
 * Splits, trains and measures one head. Nothing is written. Throws DataError for what cannot be
 * trained on.
 */
export function trainHead(options: TrainOptions): { trained: Trained; metrics: Bundle['metrics'] } {
  const { whole, settings, prices, about } = options
  const parts = withRelativePrices(makeParts(whole, options.split), prices)
  if (parts.train.table.rows === 0)
    throw new DataError(
      `no training rows are left of ${whole.table.rows} after the split by ` +
        `time${options.split.disjoint ? ' and group' : ''}`,
    )
  const fitted = fitHead(options.head, parts, settings, options)
  const trained: Trained = { whole, parts, prices, fitted, settings }
  const metrics = (['train', 'test'] as const).flatMap(part =>
    parts[part].rows.length === 0
      ? []
      : measurePart(trained, parts[part], about).map(metric => ({
          head: options.head,
          part,
          ...metric,
        })),
  )
  return { trained, metrics: [...metrics, ...outOfBagMetrics(trained, options)] }
}

const OF_BAG = ['auc', 'brier', 'accuracy', 'logLoss', 'mae', 'rmse', 'r2']

/**
 * A forest measures itself on the rows that each tree did not see: an estimate that costs no rows.
 */
function outOfBagMetrics(
  { fitted, parts, settings }: Trained,
  { about, head }: TrainOptions,
): Bundle['metrics'] {
  const { outOfBag } = fitted
  if (outOfBag === undefined) return []
  const seen = range(parts.train.rows.length).filter(i => !Number.isNaN(outOfBag[0]?.[i]))
  if (seen.length === 0) return []
  const columns = outOfBag.map(column => take(column, seen))
  const found = reportHead(settings.objective, take(parts.train.label, seen), columns, {
    labels: about.labels,
  })
  return found
    .filter(({ name }) => OF_BAG.includes(name))
    .map(metric => ({ head, part: 'outOfBag', ...metric }))
}

/**
 * Gain and permutation importance per feature, the latter on the test rows: fall of AUC, or rise of
 * the error.
 */
export function importanceOf({
  fitted,
  parts,
  settings,
  whole,
}: Trained): Record<string, unknown>[] {
  const { label } = parts.test
  const isBinary = settings.objective === 'binary'
  const score = (columns: readonly Float64Array[]): number =>
    isBinary ? (auc(label, columns[0]!)?.auc ?? Number.NaN) : -errorOf(label, columns)
  const falls = permutationImportance(fitted.head, parts.test, score, settings.seed)
  return whole.table.names.map((feature, f) => ({
    name: 'importance',
    feature,
    ...(fitted.importance === undefined ? {} : { gain: fitted.importance[f] }),
    ...(Number.isFinite(falls[f]) ? { permutation: falls[f]! + 0 } : {}),
  }))
}

/** Mean squared error of a number, mean 1 − probability of what happened for classes. */
function errorOf(label: Float64Array, columns: readonly Float64Array[]): number {
  const only = columns.length === 1 ? columns[0]! : undefined
  const of = (i: number, y: number): number =>
    only === undefined ? 1 - (columns[y]?.[i] ?? 0) : (only[i]! - y) ** 2
  return label.reduce((sum, y, i) => sum + of(i, y), 0) / label.length
}

/**
 * Writes the bundle of a trained head: model.onnx, bundle.json, CARD.md. Before that the file is
 * run on up to 2,000 rows and must agree with our own evaluation to 1e-6. Same data and seed, same
 * file.
 */
export async function writeTrained(
  dir: string,
  trained: Trained,
  about: About,
  metrics: Bundle['metrics'],
): Promise<Bundle> {
  const model = modelOf(trained)
  const session = await openSession(model)
  try {
    const width = trained.whole.table.columns.length
    const run = (data: Float32Array, rows: number) =>
      session.run([{ name: about.input.name, data, shape: [width] }], rows)
    await checkParity(run, [trained.fitted.head], parityTable(trained), trained.prices)
    const parity = parityMatrix(trained)
    const outputs = await run(parity, parity.length / width)
    const bundle = bundleOf(
      trained,
      about,
      { bytes: model.length, sha256: sha256(model) },
      { parity, outputs },
      metrics,
    )
    writeBundle(dir, bundle, model, cardText(bundle))
    return bundle
  } finally {
    await session.release()
  }
}
