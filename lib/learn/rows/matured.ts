import { existsSync } from 'node:fs'
import type { Bundle } from '../../model/bundle.ts'
import { OUTCOMES as CLASSES } from '../../records/prediction.ts'
import { quote } from '../../store/duck/sql.ts'
import { databasePath } from '../../store/tables/sync.ts'
import { snake } from '../../store/tables/table-columns.ts'

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
 * Asks for matured predictions of the newest tokens: one row per token, oldest first; of a version
 * that is itself on trial (`isOnTrial`), where nothing is in production. Undefined when what the
 * model says has no outcome among the labels: such a model is judged by labelled rows alone.
 */
export type ReadMatured = (
  bundle: Bundle,
  shadow: string | undefined,
  isOnTrial?: boolean,
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

/** SQL for the labels that a bundle may say it learned. */
const LABELS: Record<string, string> = {
  ...Object.fromEntries(
    ['profitable', 'maxProfit', 'rug', 'willMoon', 'willRug', 'success'].map(name => [
      name,
      snake(name),
    ]),
  ),
  outcome: `list_position([${CLASSES.map(quote).join(', ')}], outcome) - 1`,
}

/**
 * Label and horizon that a model is judged by: those that it was trained on, as its bundle says;
 * for one that does not say, the usual ones of its head. A rug that is told without a horizon is
 * that of a day. Undefined when none of its outcomes is among the labels.
 */
export function outcomeOf({ kind, heads, data }: Bundle) {
  const usual = HEADS[`${kind}.${heads[0]?.name}`]
  if (usual === undefined) return undefined
  const { label = '', horizon } = data
  if (!Object.hasOwn(LABELS, label)) return { ...usual, name: undefined }
  const untold = label === 'rug' ? 'h24' : usual.horizon
  return { said: usual.said, name: label, label: LABELS[label]!, horizon: horizon ?? untold }
}

/** Newest tokens that a model is judged by. */
const TOKENS = 2000
/** Tokens of a trial, its oldest: enough to decide it. */
const TRIAL_TOKENS = 50_000

/**
 * SQL for the matured predictions of a version, beside those of a version on trial; undefined when
 * none can mature.
 */
function maturedQuery(
  bundle: Bundle,
  shadow: string | undefined,
  isOnTrial: boolean,
): string | undefined {
  const { name, version } = bundle
  const head = outcomeOf(bundle)
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
    shadow === undefined && !isOnTrial
      ? ['hash(p.id), p.id', `ORDER BY p.ts DESC LIMIT ${TOKENS}`]
      : ['p.ts, p.id', `ORDER BY p.ts LIMIT ${TRIAL_TOKENS}`]
  const columns = [...said.keys()].flatMap(k => [
    `p.p${k}`,
    ...(shadow === undefined ? [] : [`s.s${k}`]),
  ])
  const use = `${isOnTrial ? '' : 'NOT '}is_shadow AND "version" = ${quote(version)}`
  return `SELECT * FROM (
      SELECT p.mint, p.ts, CAST(l.label AS DOUBLE) AS label, ${columns.join(', ')}
      FROM (${rows('p', use)}) p ${trial}
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
  return async (bundle, shadow, isOnTrial = false) => {
    const sql = maturedQuery(bundle, shadow, isOnTrial)
    if (sql === undefined) return undefined
    if (!existsSync(databasePath(home)) && !tail) return []
    const { query } = await import('../../store/query/query.ts')
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
  const { query } = await import('../../store/query/query.ts')
  const sql = `SELECT count(DISTINCT mint) AS n FROM ml_prediction_rows WHERE model = ${quote(name)}
    AND "version" = ${quote(version)} AND NOT is_shadow AND error IS NULL
    AND ts BETWEEN ${from} AND ${to}`
  for await (const rows of query({ home, sql })) if (rows[0] !== undefined) return Number(rows[0].n)
  return 0
}
