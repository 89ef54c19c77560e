import { existsSync } from 'node:fs'
import type { Bundle } from '../model/bundle.ts'
import { quote } from '../store/sql.ts'
import { databasePath } from '../store/sync.ts'

/** A live prediction whose outcome is known. */
export interface Matured {
  mint: string
  ts: number
  label: number
  /** What production said, and the version on trial if it was asked for. */
  p: number
  shadow?: number
}

/** Asks for matured predictions of the newest tokens: one row per token, oldest first. */
export type ReadMatured = (bundle: Bundle, shadow: string | undefined) => Promise<Matured[]>

/** Where a head is in ml_prediction_rows and its outcome in ml_labels. */
const OUTCOMES: Record<string, { column: string; horizon: string; label: string }> = {
  'sequence.profitable': { column: 'profitable', horizon: 'h1', label: 'profitable' },
  'sequence.rugRisk': { column: 'rug_risk', horizon: 'h24', label: 'rug' },
  'outcome.probabilities': { column: 'rug_prob', horizon: 'h24', label: "outcome = 'RUG'" },
  'moon.p': { column: 'p', horizon: 'n10', label: 'will_moon' },
  'rug.p': { column: 'p', horizon: 'n10', label: 'will_rug' },
  'opportunity.successProbability': { column: 'success_probability', horizon: 'path', label: 'success' },
}

/** Newest tokens that a model is judged by. */
const TOKENS = 2000

/** SQL for the matured predictions of a version, beside those of a version on trial; undefined when none can mature. */
export function maturedQuery({ name, version, kind, heads }: Bundle, shadow: string | undefined): string | undefined {
  const outcome = OUTCOMES[`${kind}.${heads[0]?.name}`]
  if (outcome === undefined) return undefined
  const { column, horizon, label } = outcome
  const trial =
    shadow === undefined
      ? ''
      : `JOIN ml_prediction_rows s ON s.id = p.id AND s.model = p.model AND s.is_shadow
          AND s."version" = ${quote(shadow)} AND s.${column} IS NOT NULL`
  return `SELECT * FROM (
      SELECT p.mint, p.ts, p.${column} AS p${shadow === undefined ? '' : `, s.${column} AS shadow`},
        CAST(l.said AS INTEGER) AS label
      FROM ml_prediction_rows p ${trial}
      JOIN (SELECT *, ${label} AS said FROM ml_labels) l ON l.id = p.id AND l.horizon = ${quote(horizon)} AND l.said IS NOT NULL
      WHERE p.model = ${quote(name)} AND p."version" = ${quote(version)} AND NOT p.is_shadow AND p.${column} IS NOT NULL
      QUALIFY row_number() OVER (PARTITION BY p.mint ORDER BY hash(p.id), p.id) = 1
      ORDER BY p.ts DESC LIMIT ${TOKENS}
    ) ORDER BY ts`
}

/** Reads matured predictions from the database and the journals behind it; none while there is neither. */
export function databaseMatured(home: string, tail = true): ReadMatured {
  return async (bundle, shadow) => {
    const sql = maturedQuery(bundle, shadow)
    if (sql === undefined || !existsSync(databasePath(home))) return []
    const { query } = await import('../store/query.ts')
    const found: Matured[] = []
    for await (const rows of query({ home, sql, tail })) found.push(...(rows as unknown as Matured[]))
    return found
  }
}

/** Tokens that a version spoke about in a span of event time, matured or not. */
export async function predictedTokens(
  home: string,
  { name, version }: Bundle,
  from: number,
  to: number,
): Promise<number> {
  const { query } = await import('../store/query.ts')
  const sql = `SELECT count(DISTINCT mint) AS n FROM ml_prediction_rows WHERE model = ${quote(name)}
    AND "version" = ${quote(version)} AND NOT is_shadow AND error IS NULL AND ts BETWEEN ${from} AND ${to}`
  for await (const rows of query({ home, sql })) if (rows[0] !== undefined) return Number(rows[0].n)
  return 0
}
