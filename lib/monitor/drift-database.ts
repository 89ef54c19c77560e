import { OLD_TOKENS_MS } from '../alerts/one-per-token.ts'
import { mebibytes } from '../store/duck/memory-flag.ts'
import { ident, quote } from '../store/duck/sql.ts'
import { query } from '../store/query/query.ts'
import { snake } from '../store/tables/table-columns.ts'
import { type Arrival, takeArrivals } from './arrivals.ts'
import type { DriftFlags } from './drift-flags.ts'
import type { WatchedModel } from './drift-model.ts'
import {
  arrivalsQuery,
  countQuery,
  featureRows,
  jsonFeature,
  predictionRows,
  type Relation,
  SLOT_MS,
  type Watched,
  windowOf,
} from './drift-sql.ts'
import type { ArrivalState } from './drift-state.ts'
import { mustHaveBaselines, type Side, watchedFeatures } from './drift-window.ts'

/** What the database says of a model up to a moment of event time. */
interface Database {
  until: number
  /** The window that ends there; empty while the lines do not reach back as far. */
  sides: Side[]
  /** Hours of lines that there are of the window. */
  hours: number
  /** What the tokens that have come say; absent for bundles without their baselines. */
  arrivals?: ArrivalState
}

type Options = Pick<DriftFlags, 'window' | 'memory' | 'tail'> & { home: string }

/** Share of a window that lines must reach back over. */
const COVERED = 0.95

/**
 * Reads what has come since the last look, and counts the window that ends with the newest whole
 * slot of five minutes. Undefined while there is no line.
 */
export async function readDatabase(
  model: WatchedModel,
  options: Options,
  known: ArrivalState | undefined,
  limit: (tests: number) => number,
): Promise<Database | undefined> {
  mustHaveBaselines(model)
  const span = await spanOf(model, options)
  if (span === undefined) return undefined
  const until = Math.floor(span.last / SLOT_MS) * SLOT_MS
  const windowMs = options.window ?? model.periodMs
  const from = until - windowMs
  const reach = Math.min(windowMs, until - span.first)
  const sides =
    reach >= COVERED * windowMs ? await windowSides(model, options, { from, until }) : []
  const arrivals = await readArrivals(model, options, { known, first: span.first, until, limit })
  const more = arrivals === undefined ? {} : { arrivals }
  return { until, sides, hours: Math.max(0, reach) / 3_600_000, ...more }
}

/** First and last event time of lines that the model could read or has read. */
async function spanOf({ set, name }: WatchedModel, options: Options) {
  const sql =
    'SELECT min(ts) AS first, max(ts) AS last FROM (SELECT ts FROM features WHERE feature_set = ' +
    `${quote(set)} UNION ALL SELECT ts FROM ml_prediction_rows WHERE model = ${quote(name)})`
  const [row] = await ask(sql, options)
  if (row?.last === undefined || row.last === null) return undefined
  return { first: Number(row.first), last: Number(row.last) }
}

async function ask(sql: string, options: Options): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = []
  for await (const rows of query({ ...options, memory: mebibytes(options.memory), sql }))
    all.push(...rows)
  return all
}

async function windowSides(
  model: WatchedModel,
  options: Options,
  { from, until }: { from: number; until: number },
): Promise<Side[]> {
  const count = async (
    scope: Side['scope'],
    relation: Relation,
    watched: readonly Watched[],
  ): Promise<Side[]> => {
    if (watched.length === 0) return []
    const [row] = await ask(countQuery(relation, watched), options)
    return [{ scope, watched, window: windowOf(row ?? {}, watched) }]
  }
  const features = watchedFeatures(model, model.featureBaselines, model.features.map(columnOf))
  const heads = [...model.predictionBaselines].map(([name, baseline]) => ({
    name,
    baseline,
    from: ident(snake(name)),
  }))
  return [
    ...(await count('feature', featureRows(model.set, from, until), features)),
    ...(await count('prediction', predictionRows(model.name, model.version, from, until), heads)),
  ]
}

const columnOf = (name: string): string => jsonFeature(name, group => ident(group))

interface Reading {
  known: ArrivalState | undefined
  first: number
  until: number
  limit(tests: number): number
}

async function readArrivals(
  model: WatchedModel,
  options: Options,
  { known, first, until, limit }: Reading,
): Promise<ArrivalState | undefined> {
  const { arrivals, dataUntil } = model
  if (arrivals === undefined) return undefined
  // Tokens of the first hour of the lines were there before, unless lines of before say otherwise.
  const start = first > dataUntil ? first + OLD_TOKENS_MS : dataUntil + 1
  const span = { from: known?.until ?? start, until }
  const scopes = [
    { scope: 'feature', said: undefined, names: [...arrivals.feature.keys()], from: columnOf },
    {
      scope: 'prediction',
      said: model,
      names: [...arrivals.prediction.keys()],
      from: (name: string) => ident(snake(name)),
    },
  ] as const
  const tests = arrivals.feature.size + arrivals.prediction.size
  let state = known ?? { until: span.from, watches: {}, since: {} }
  for (const { scope, said, names, from } of scopes) {
    if (names.length === 0 || span.from >= until) continue
    const rows = await ask(arrivalsQuery(model.set, span, said, names.map(from)), options)
    const numbers = names.map((name, k) => ({
      key: `${scope} ${name}`,
      baseline: arrivals[scope].get(name)!,
      column: `c${k}`,
    }))
    state = takeArrivals(state, rows as unknown as Arrival[], numbers, {
      seed: `${model.name}/${model.version}`,
      limit: limit(tests),
    })
  }
  return { ...state, until: Math.max(state.until, until) }
}
