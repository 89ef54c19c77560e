import { type Baseline, makeBaseline } from '../alerts/baseline.ts'
import { UsageError } from '../base/errors.ts'
import { type Duck, openDuck } from '../store/duck/duck.ts'
import { mebibytes } from '../store/duck/memory-flag.ts'
import type { writingFlags } from '../table/time-flags.ts'
import { openFileRows } from './drift-file.ts'
import type { DriftFlags } from './drift-flags.ts'
import type { WatchedModel } from './drift-model.ts'
import {
  batchQuery,
  countQuery,
  dependenceOf,
  type Relation,
  rowsQuery,
  type Watched,
  type Window,
  windowOf,
} from './drift-sql.ts'

/** One side of a model in a window: its features, or its predictions. */
export interface Side {
  scope: 'feature' | 'prediction'
  watched: readonly Watched[]
  window: Window
}

/**
 * Counts a file as one window. A second file, if given, is the reference instead of the bundle’s
 * baselines.
 */
export async function fileSides(
  model: WatchedModel,
  file: string,
  options: Pick<DriftFlags, 'group' | 'reference' | 'memory' | keyof typeof writingFlags> & {
    told(text: string): void
  },
): Promise<Side[]> {
  if (options.reference === undefined) mustHaveBaselines(model)
  const duck = await openDuck(':memory:', { memory: mebibytes(options.memory) })
  try {
    const live = await openFileRows(duck, file, { ...options, table: 'live_rows' })
    const base =
      options.reference === undefined
        ? undefined
        : await openFileRows(duck, options.reference, { ...options, table: 'reference_rows' })
    const features = model.features.map(name => live.feature(model.set, name))
    const known =
      base === undefined
        ? model.featureBaselines
        : await measure(duck, base.features(model.set), model.features, name =>
            base.feature(model.set, name),
          )
    const heads = [...model.predictionBaselines].flatMap(([name, baseline]) => {
      const from = live.prediction(model.name, name)
      return from === undefined ? [] : [{ name, baseline, from }]
    })
    const count = async (
      scope: Side['scope'],
      relation: Relation,
      watched: readonly Watched[],
    ): Promise<Side[]> => {
      if (watched.length === 0) return []
      const rows = await duck.rows(countQuery(relation, watched))
      const window = windowOf(rows[0] ?? {}, watched)
      if (relation.mint === undefined)
        window.rowsPerToken = dependenceOf(
          await duck.rows(batchQuery(relation, watched, window.rows)),
          watched,
        )
      return [{ scope, watched, window }]
    }
    return [
      ...(await count(
        'feature',
        live.features(model.set),
        watchedFeatures(model, known, features),
      )),
      ...(await count('prediction', live.predictions(model.name), heads)),
    ]
  } finally {
    duck.close()
  }
}

/** Throws UsageError for a model whose features have no baselines. */
export function mustHaveBaselines({
  name,
  version,
  features,
  featureBaselines,
}: WatchedModel): void {
  if (features.length > 0 && featureBaselines.size === 0)
    throw new UsageError(
      `${name}@${version} was trained without baselines; train it again or give --reference FILE`,
    )
}

/** The features of a model with their baselines, and where a relation has them. */
export const watchedFeatures = (
  { features }: WatchedModel,
  known: ReadonlyMap<string, Baseline>,
  from: readonly string[],
): Watched[] => features.map((name, k) => ({ name, baseline: known.get(name)!, from: from[k]! }))

async function measure(
  duck: Duck,
  relation: Relation,
  names: readonly string[],
  from: (name: string) => string,
): Promise<Map<string, Baseline>> {
  const columns = names.map(() => [] as number[])
  for await (const block of duck.numbers.columns(
    `SELECT * FROM (${rowsQuery(relation, names.map(from))})`,
  )) {
    columns.forEach((column, f) => {
      for (const value of block[f] as (number | null)[]) column.push(value ?? Number.NaN)
    })
  }
  return new Map(names.map((name, f) => [name, makeBaseline(columns[f]!)]))
}
