import { type Baseline, makeBaseline } from '../alerts/baseline.ts'
import { UsageError } from '../base/errors.ts'
import { type Duck, openDuck } from '../store/duck/duck.ts'
import { mebibytes } from '../store/duck/memory-flag.ts'
import { ident } from '../store/duck/sql.ts'
import { query } from '../store/query/query.ts'
import { snake } from '../store/tables/table-columns.ts'
import { openFileRows } from './drift-file.ts'
import type { DriftFlags } from './drift-flags.ts'
import type { WatchedModel } from './drift-model.ts'
import {
  countQuery,
  featureRows,
  jsonFeature,
  predictionRows,
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
  options: Pick<DriftFlags, 'group' | 'reference' | 'memory'>,
): Promise<Side[]> {
  if (options.reference === undefined) mustHaveBaselines(model)
  const duck = await openDuck(':memory:', { memory: mebibytes(options.memory) })
  try {
    const live = await openFileRows(duck, file, options.group, 'live_rows')
    const base =
      options.reference === undefined
        ? undefined
        : await openFileRows(duck, options.reference, options.group, 'reference_rows')
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
      return [{ scope, watched, window: windowOf(rows[0] ?? {}, watched) }]
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

function mustHaveBaselines({ name, version, features, featureBaselines }: WatchedModel): void {
  if (features.length > 0 && featureBaselines.size === 0)
    throw new UsageError(
      `${name}@${version} was trained without baselines; train it again or give --reference FILE`,
    )
}

const watchedFeatures = (
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

/**
 * Counts the last complete window of event time in the database; undefined while there is no line
 * in it.
 */
export async function databaseSides(
  model: WatchedModel,
  options: Pick<DriftFlags, 'window' | 'memory' | 'tail'> & { home: string },
): Promise<{ sides: Side[]; from: number; until: number } | undefined> {
  const windowMs = options.window ?? model.periodMs
  mustHaveBaselines(model)
  const ask = async (sql: string): Promise<Record<string, unknown>> => {
    for await (const rows of query({ ...options, memory: mebibytes(options.memory), sql }))
      if (rows[0] !== undefined) return rows[0]
    return {}
  }
  const newest = await ask(
    'SELECT max(ts) AS ts FROM (SELECT ts FROM features UNION ALL SELECT ts FROM ' +
      'ml_prediction_rows)',
  )
  if (newest.ts === undefined) return undefined
  const until = Math.floor(Number(newest.ts) / windowMs) * windowMs
  const from = until - windowMs
  const features = watchedFeatures(
    model,
    model.featureBaselines,
    model.features.map(name => jsonFeature(name, group => ident(group))),
  )
  const heads = [...model.predictionBaselines].map(([name, baseline]) => ({
    name,
    baseline,
    from: ident(snake(name)),
  }))
  const sides: Side[] = []
  const count = async (
    scope: Side['scope'],
    relation: Relation,
    watched: readonly Watched[],
  ): Promise<void> => {
    if (watched.length === 0) return
    sides.push({
      scope,
      watched,
      window: windowOf(await ask(countQuery(relation, watched)), watched),
    })
  }
  await count('feature', featureRows(model.set, from, until), features)
  await count('prediction', predictionRows(model.name, model.version, from, until), heads)
  return { sides, from, until }
}
