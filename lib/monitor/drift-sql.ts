import type { Baseline } from '../alerts/baseline.ts'
import { quote } from '../store/duck/sql.ts'
import type { WatchedModel } from './drift-model.ts'
import type { Counts } from './judge-drift.ts'

/** A number that is compared with its baseline, and where a relation has it. */
export interface Watched {
  name: string
  baseline: Baseline
  /** SQL over the relation. */
  from: string
}

/**
 * Rows of the live side: FROM clause and condition, with what tells tokens, rows and time apart
 * where known.
 */
export interface Relation {
  from: string
  where?: string
  mint?: string
  id?: string
  ts?: string
  /**
   * Rows are lines of a stream: only the first of each mint in every slot counts, as `label` takes
   * its anchors.
   */
  areLines?: boolean
}

export interface Window {
  rows: number
  fromAt?: number
  untilAt?: number
  counts: Counts[]
  /** Rows that one independent row is worth, per number, where tokens are not known. */
  rowsPerToken?: number[]
}

/**
 * The watched numbers of a relation as c0, c1, … With a mint, one row per mint: the one whose id
 * has the least hash, so that neither the first nor the last moment of a token is preferred.
 */
export function rowsQuery(relation: Relation, numbers: readonly string[]): string {
  const { from, where = 'true', mint, ts } = relation
  const columns = numbers.map((number, k) => `TRY_CAST(${number} AS FLOAT) AS c${k}`)
  const time = ts === undefined ? [] : [`${ts} AS t`]
  const rows = `SELECT ${[...columns, ...time].join(', ')} FROM ${from} WHERE (${where})`
  if (mint === undefined) return rows
  return (
    `${rows} AND hash(${relation.id ?? 'row_no'}) IN (SELECT min(h) FROM ` +
    `(${candidates(relation, mint)}) GROUP BY m)`
  )
}

/** Slot of the anchors that a model is trained on (the default of `label --every`). */
export const SLOT_MS = 300_000

/** Hashes of the rows that may stand for their token. */
function candidates(
  { from, where = 'true', id = 'row_no', ts, areLines }: Relation,
  mint: string,
): string {
  const known = `FROM ${from} WHERE (${where}) AND ${mint} IS NOT NULL`
  if (areLines !== true || ts === undefined) return `SELECT ${mint} AS m, hash(${id}) AS h ${known}`
  return (
    `SELECT ${mint} AS m, arg_min(hash(${id}), ${ts}) AS h ${known} GROUP BY ${mint}, ${ts} // ` +
    `${SLOT_MS}`
  )
}

/** One query that bins every watched number of a relation. */
export function countQuery(relation: Relation, watched: readonly Watched[]): string {
  const times = relation.ts === undefined ? '' : 'min(t) AS from_at, max(t) AS until_at, '
  const counts = watched.map(({ baseline }, k) => {
    const edges = baseline.edges.map(edge => `${edge}::FLOAT`).join(', ')
    const bins = edges === '' ? '' : `map_values(histogram(c${k}, [${edges}])) AS b${k}, `
    return `${bins}count(c${k}) AS k${k}`
  })
  const rows = rowsQuery(
    relation,
    watched.map(({ from }) => from),
  )
  // Infinities and NaN are unknown, as they are to a model; the engine’s histogram would put them
  // into the first bin.
  const finite = watched.map((_, k) => `CASE WHEN isfinite(c${k}) THEN c${k} END AS c${k}`)
  const time = relation.ts === undefined ? '' : ', t'
  return (
    `SELECT count(*) AS rows, ${times}${counts.join(', ')} FROM (SELECT ` +
    `${finite.join(', ')}${time} FROM (${rows}))`
  )
}

/**
 * Reads the one row that the query gives. The engine counts what lies above the last edge apart, if
 * there is any.
 */
export function windowOf(row: Record<string, unknown>, watched: readonly Watched[]): Window {
  const rows = Number(row.rows)
  const counts = watched.map(({ baseline }, k) => {
    const known = Number(row[`k${k}`])
    const found = ((row[`b${k}`] ?? []) as unknown[]).map(Number)
    const bins = baseline.edges.map((_, bin) => found[bin] ?? 0)
    return {
      bins: [...bins, known - bins.reduce((sum, count) => sum + count, 0)],
      missing: rows - known,
    }
  })
  const { from_at: from, until_at: until } = row
  return {
    rows,
    ...(from === undefined ? {} : { fromAt: Number(from) }),
    ...(until === undefined ? {} : { untilAt: Number(until) }),
    counts,
  }
}

/** Fewest rows in a batch, and most batches, by which the dependence of rows is measured. */
const BATCH = { rows: 10, most: 1000 }

/**
 * One row per batch of neighbouring rows: how many have each number, and how many of those lie
 * above the middle border of its baseline.
 */
export function batchQuery(
  { from, where = 'true' }: Relation,
  watched: readonly Watched[],
  rows: number,
): string {
  const size = Math.max(BATCH.rows, Math.ceil(Math.sqrt(rows)), Math.ceil(rows / BATCH.most))
  const numbers = watched.map(({ from: number }, k) => `TRY_CAST(${number} AS FLOAT) AS c${k}`)
  const counts = watched.flatMap(({ baseline: { edges } }, k) => {
    const middle = edges[edges.length >> 1] ?? 0
    return [
      `count(*) FILTER (isfinite(c${k})) AS n${k}`,
      `count(*) FILTER (isfinite(c${k}) AND c${k} > ${middle}::FLOAT) AS x${k}`,
    ]
  })
  return (
    `SELECT ${counts.join(', ')} FROM (SELECT ${numbers.join(', ')}, row_number() OVER () AS n ` +
    `FROM ${from} WHERE (${where})) GROUP BY (n - 1) // ${size}`
  )
}

/**
 * Per number, how many times more the share above the middle varies from batch to batch than that
 * of independent rows would (the design effect of Kish 1965, by batch means): at least 1.
 */
export const dependenceOf = (
  batches: readonly Record<string, unknown>[],
  watched: readonly Watched[],
): number[] =>
  watched.map((_, k) => {
    const used = batches
      .map(row => ({ n: Number(row[`n${k}`]), x: Number(row[`x${k}`]) }))
      .filter(({ n }) => n > 0)
    const rows = used.reduce((sum, { n }) => sum + n, 0)
    const share = used.reduce((sum, { x }) => sum + x, 0) / rows
    if (used.length < 2 || share <= 0 || share >= 1) return 1
    const spread = used.reduce((sum, { n, x }) => sum + (x - n * share) ** 2 / n, 0)
    return Math.max(1, spread / (used.length - 1) / (share * (1 - share)))
  })

/** What is read of tokens that have come in a span of event time, until excluded. */
interface Span {
  from: number
  until: number
}

/**
 * The watched numbers of each token’s first line with a ready set, as c0, c1, …, with `mint` and
 * `ts`, in order of time: tokens that were seen before the span are none. What a model said is that
 * of the same line.
 */
export function arrivalsQuery(
  set: string,
  { from, until }: Span,
  said: Pick<WatchedModel, 'name' | 'version'> | undefined,
  numbers: readonly string[],
): string {
  const columns = numbers.map((number, k) => `TRY_CAST(${number} AS FLOAT) AS c${k}`)
  const ready = `feature_set = ${quote(set)} AND ready AND mint IS NOT NULL`
  const source =
    said === undefined
      ? `features WHERE ${ready}`
      : `ml_prediction_rows WHERE ${isOfModel(said.name, said.version)}`
  return (
    `SELECT r.mint, r.ts, ${columns.join(', ')} FROM (SELECT * FROM ${source}) r JOIN (SELECT ` +
    `mint, min(ts) AS at FROM features WHERE ${ready} GROUP BY mint HAVING min(ts) >= ${from} ` +
    `AND min(ts) < ${until}) first ON r.mint = first.mint AND r.ts = first.at QUALIFY ` +
    'row_number() OVER (PARTITION BY r.mint ORDER BY r.id) = 1 ORDER BY r.ts, r.mint'
  )
}

const isOfModel = (model: string, version: string): string =>
  `model = ${quote(model)} AND "version" = ${quote(version)} AND NOT is_shadow AND error IS NULL`

/** Rows of the view `features` of a database with a ready set, in a window of event time. */
export const featureRows = (set: string, from: number, until: number): Relation => ({
  from: 'features',
  where: `feature_set = ${quote(set)} AND ready AND ts >= ${from} AND ts < ${until}`,
  mint: 'mint',
  id: 'id',
  ts: 'ts',
  areLines: true,
})

/** What a model in production said, in a window of event time. */
export const predictionRows = (
  model: string,
  version: string,
  from: number,
  until: number,
): Relation => ({
  from: 'ml_prediction_rows',
  where: `${isOfModel(model, version)} AND ts >= ${from} AND ts < ${until}`,
  mint: 'mint',
  id: 'id',
  ts: 'ts',
  areLines: true,
})

/** A feature inside the JSON of a feature set, wherever the set keeps it. */
export function jsonFeature(name: string, holder: (group: string) => string): string {
  const path = quote(`$."${name.replaceAll('"', '')}"`)
  const places = ['values', 'indicators', 'context'].map(group => `${holder(group)} ->> ${path}`)
  return `coalesce(${places.join(', ')})`
}
