import type { Duck } from '../store/duck/duck.ts'
import { ident } from '../store/duck/sql.ts'
import {
  closenessOf,
  LEAST_KNOWN,
  type Ranked,
  rankFeature,
  rankLabel,
  TOO_CLOSE,
} from './closeness.ts'

/** A feature this close to a linear image of a label is the label, from LEAST_ROWS rows on. */
const SAME = 0.9999
const LEAST_ROWS = 20
/** Rows that are looked at for closeness: a fixed draw where there are more. */
const SAMPLE = 4_000
/** Labels that are times are told from their row on: every feature that grows with time follows. */
const TIMES = ['peakAt', 'troughAt']

/** One sentence per feature that is a label, or says as much about one as only the label can. */
export async function copies(
  duck: Duck,
  features: readonly string[],
  targets: readonly string[],
): Promise<string[]> {
  const found = await linear(duck, features, targets)
  for (const finding of await close(duck, features, targets))
    if (!found.some(({ feature }) => feature === finding.feature)) found.push(finding)
  return found.map(({ text }) => text)
}

interface Finding {
  feature: string
  text: string
}

async function linear(
  duck: Duck,
  features: readonly string[],
  targets: readonly string[],
): Promise<Finding[]> {
  const found: Finding[] = []
  if (features.length === 0) return found
  for (const target of targets) {
    const y = `TRY_CAST(${ident(target)} AS DOUBLE)`
    const measures = features.map((feature, i) => {
      const x = ident(feature)
      return (
        `abs(corr(${x}, ${y}) FILTER (WHERE isfinite(${x}))) AS r${i}, count(${x}) FILTER ` +
        `(WHERE ${y} IS NOT NULL) AS n${i}`
      )
    })
    const [row] = await duck.rows(`SELECT ${measures.join(', ')} FROM exported`)
    for (const [i, feature] of features.entries()) {
      const { [`r${i}`]: r, [`n${i}`]: n } = row as Record<string, number>
      if (typeof r !== 'number' || r < SAME || (n ?? 0) < LEAST_ROWS) continue
      const text =
        `feature equal to the label: ${feature} follows ${target} (|r| = ${r.toFixed(6)} over ` +
        `${n} rows)`
      found.push({ feature, text })
    }
  }
  return found
}

/** Features that follow a label by rank or share most of its information, by horizon. */
async function close(
  duck: Duck,
  features: readonly string[],
  targets: readonly string[],
): Promise<Finding[]> {
  const found: Finding[] = []
  const horizons = await duck.rows('SELECT DISTINCT horizon FROM exported ORDER BY 1')
  for (const { horizon } of horizons) {
    const number = (column: string): string =>
      `coalesce(TRY_CAST(${ident(column)} AS DOUBLE), 'NaN'::DOUBLE)`
    const since = (column: string): string =>
      TIMES.includes(column) ? `${number(column)} - ts` : number(column)
    const columns = [
      ...features.map((name, i) => `${number(name)} AS x${i}`),
      ...targets.map((name, i) => `${since(name)} AS y${i}`),
    ]
    const rows = await duck.rows(
      `SELECT ${columns.join(', ')} FROM exported WHERE horizon = '${horizon}' ` +
        `ORDER BY hash(id), id LIMIT ${SAMPLE}`,
    )
    const column = (name: string): Float64Array =>
      Float64Array.from(rows, row => Number(row[name] ?? Number.NaN))
    const labels = targets.map((_, i) => rankLabel(column(`y${i}`)))
    for (const [i, feature] of features.entries()) {
      const x = rankFeature(column(`x${i}`))
      const text = closest(x, targets, labels)
      if (text !== undefined)
        found.push({ feature, text: `feature too close to a label: ${feature} ${text}` })
    }
  }
  return found
}

function closest(
  x: Ranked,
  targets: readonly string[],
  labels: readonly Ranked[],
): string | undefined {
  for (const [i, target] of targets.entries()) {
    const { auc = 0, rho = 0, information = 0 } = closenessOf(x, labels[i]!) ?? {}
    const by =
      auc >= TOO_CLOSE.auc
        ? `AUC ${auc.toFixed(4)}`
        : rho >= TOO_CLOSE.rho
          ? `rank correlation ${rho.toFixed(4)}`
          : information >= TOO_CLOSE.information
            ? `${(100 * information).toFixed(1)} % of its information`
            : undefined
    if (by !== undefined) return `tells ${target} (${by}); where it is honest, say so with --trust`
  }
  return undefined
}

/** Labels of a horizon that are too few to tell whether a feature is close to them. */
export async function untold(duck: Duck, targets: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const target of targets) {
    const y = `TRY_CAST(${ident(target)} AS DOUBLE)`
    const rows = await duck.rows(
      `SELECT horizon, count(${y}) AS n, min(${y}) = 0 AND max(${y}) = 1 AS yes,
        count(*) FILTER (WHERE ${y} = 1) AS ones FROM exported GROUP BY horizon ORDER BY 1`,
    )
    for (const { horizon, n, yes, ones } of rows as {
      horizon: string
      n: number
      yes: boolean
      ones: number
    }[])
      if (n > 0 && (yes ? Math.min(ones, n - ones) : n) < LEAST_KNOWN)
        found.push(`${target} of ${horizon}`)
  }
  return found
}

/**
 * Rows that are another row under another id: every feature and label is the same to the last bit.
 * Told where the two lie in different splits or tokens, or are of one kind and time (a token line
 * and the candle that closes with it see the same); a token that stands still has equal rows by
 * itself, so that something must have moved, and three features be no counts.
 */
export async function sameRows(
  duck: Duck,
  features: readonly string[],
  targets: readonly string[],
): Promise<string[]> {
  const labels = targets.filter(name => !TIMES.includes(name))
  const moves = ['return', 'futureMaxGain'].filter(name => labels.includes(name)).map(ident)
  if (features.length < 3 || moves.length === 0) return []
  const broken = features.map(name => `coalesce((${ident(name)} <> floor(${ident(name)}))::INT, 0)`)
  const content = [...features, ...labels].map(ident).join(', ')
  const rows = await duck.rows(`WITH told AS (
      SELECT id, mint, ts, split, horizon, hash(${content}) AS content FROM exported
      WHERE coalesce(${moves.join(', ')}, 0) <> 0 AND ${broken.join(' + ')} >= 3)
    SELECT min(id) AS one, max(id) AS other, count(DISTINCT id) AS n FROM told
    GROUP BY horizon, content HAVING count(DISTINCT id) > 1 AND (count(DISTINCT split) > 1 OR
      count(DISTINCT mint) > 1 OR (count(DISTINCT ts) < count(DISTINCT id) AND
      count(DISTINCT split_part(id, ':', 1)) < count(DISTINCT id))) ORDER BY 1 LIMIT 3`)
  return rows.map(
    ({ one, other, n }) => `equal rows: ${other} is ${one} under another id (${n} in all)`,
  )
}
