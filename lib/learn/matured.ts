import { existsSync } from 'node:fs'
import type { Bundle } from '../model/bundle.ts'
import { OUTCOMES as CLASSES } from '../records/prediction.ts'
import { quote } from '../store/duck/sql.ts'
import { databasePath } from '../store/tables/sync.ts'

/** A live prediction whose outcome is known. */
export interface Matured {
  mint: string
  ts: number
  /** 0 or 1, the number of a class, or a number. */
  label: number
  /**
   * What production said, and the version on trial if it was asked for: a value per class, else
   * one.
   */
  said: readonly number[]
  shadow?: readonly number[]
}

/**
 * Asks for matured predictions of the newest tokens: one row per token, oldest first. Undefined
 * when what the model says has no outcome among the labels: such a model is judged by labelled rows
 * alone.
 */
export type ReadMatured = (
  bundle: Bundle,
  shadow: string | undefined,
) => Promise<Matured[] | undefined>

/** Where a head is in ml_prediction_rows and its outcome in ml_labels. */
const HEADS: Record<string, { said: readonly string[]; horizon: string; label: string }> = {
  'sequence.profitable': { said: ['profitable'], horizon: 'h1', label: 'profitable' },
  'sequence.maxProfit': { said: ['max_profit'], horizon: 'h1', label: 'max_profit' },
  'sequence.rugRisk': { said: ['rug_risk'], horizon: 'h24', label: 'rug' },
  'outcome.probabilities': {
    said: CLASSES.map(name => `probabilities ->> '$.${name}'`),
    horizon: 'h24',
    label: `list_position([${CLASSES.map(quote).join(', ')}], outcome) - 1`,
  },
  'moon.p': { said: ['p'], horizon: 'n10', label: 'will_moon' },
  'rug.p': { said: ['p'], horizon: 'n10', label: 'will_rug' },
  'opportunity.successProbability': {
    said: ['success_probability'],
    horizon: 'path',
    label: 'success',
  },
}

/** A rug model that learned the rug of a timed horizon, and not of the next snapshots. */
const isRugOfHorizon = ({ kind, data }: Pick<Bundle, 'kind' | 'data'>): boolean =>
  kind === 'rug' && data.label === 'rug'

/** Newest tokens that a model is judged by. */
const TOKENS = 2000
/** Tokens of a trial, its oldest: enough to decide it. */
const TRIAL_TOKENS = 50_000

/**
 * SQL for the matured predictions of a version, beside those of a version on trial; undefined when
 * none can mature.
 */
function maturedQuery(
  { name, version, kind, heads, data }: Bundle,
  shadow: string | undefined,
): string | undefined {
  const head = isRugOfHorizon({ kind, data })
    ? { said: ['p'], horizon: data.horizon ?? 'h24', label: 'rug' }
    : HEADS[`${kind}.${heads[0]?.name}`]
  if (head === undefined) return undefined
  const { said, horizon, label } = head
  const picks = (as: string): string =>
    said.map((column, k) => `CAST(${column} AS DOUBLE) AS ${as}${k}`).join(', ')
  const rows = (
    as: string,
    which: string,
  ): string => `SELECT id, mint, ts, ${picks(as)} FROM ml_prediction_rows
    WHERE model = ${quote(name)} AND ${which} AND (${said[0]}) IS NOT NULL`
  const trial =
    shadow === undefined
      ? ''
      : `JOIN (${rows('s', `is_shadow AND "version" = ${quote(shadow)}`)}) s ON s.id = p.id`
  // A trial is looked at again and again: what counted once has to count at every later look.
  const [drawn, end] =
    shadow === undefined
      ? ['hash(p.id), p.id', `ORDER BY p.ts DESC LIMIT ${TOKENS}`]
      : ['p.ts, p.id', `ORDER BY p.ts LIMIT ${TRIAL_TOKENS}`]
  const columns = [...said.keys()].flatMap(k => [
    `p.p${k}`,
    ...(shadow === undefined ? [] : [`s.s${k}`]),
  ])
  return `SELECT * FROM (
      SELECT p.mint, p.ts, CAST(l.label AS DOUBLE) AS label, ${columns.join(', ')}
      FROM (${rows('p', `NOT is_shadow AND "version" = ${quote(version)}`)}) p ${trial}
      JOIN (SELECT id, ${label} AS label FROM ml_labels WHERE horizon = ${quote(horizon)}) l
        ON l.id = p.id AND l.label IS NOT NULL
      QUALIFY row_number() OVER (PARTITION BY p.mint ORDER BY ${drawn}) = 1
      ${end}
    ) ORDER BY ts`
}

/**
 * Reads matured predictions from the database and the journals behind it; none while there is
 * neither.
 */
export function databaseMatured(home: string, tail = true): ReadMatured {
  return async (bundle, shadow) => {
    const sql = maturedQuery(bundle, shadow)
    if (sql === undefined) return undefined
    if (!existsSync(databasePath(home))) return []
    const { query } = await import('../store/query/query.ts')
    const found: Matured[] = []
    for await (const rows of query({ home, sql, tail })) found.push(...rows.map(maturedOf))
    return found
  }
}

function maturedOf(row: Record<string, unknown>): Matured {
  const list = (as: string): number[] => {
    const values: number[] = []
    for (let k = 0; row[`${as}${k}`] !== undefined; k++) values.push(Number(row[`${as}${k}`]))
    return values
  }
  const shadow = list('s')
  const { mint, ts, label } = row
  const said = { label: Number(label), said: list('p'), ...(shadow.length === 0 ? {} : { shadow }) }
  return { mint: String(mint), ts: Number(ts), ...said }
}

/** Tokens that a version spoke about in a span of event time, matured or not. */
export async function predictedTokens(
  home: string,
  { name, version }: Bundle,
  from: number,
  to: number,
): Promise<number> {
  const { query } = await import('../store/query/query.ts')
  const sql = `SELECT count(DISTINCT mint) AS n FROM ml_prediction_rows WHERE model = ${quote(name)}
    AND "version" = ${quote(version)} AND NOT is_shadow AND error IS NULL
    AND ts BETWEEN ${from} AND ${to}`
  for await (const rows of query({ home, sql })) if (rows[0] !== undefined) return Number(rows[0].n)
  return 0
}
