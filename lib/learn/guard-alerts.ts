import { type AlertTarget, raiseAlert } from '../alerts/alerts.ts'
import { wilson } from '../maths/confidence-interval.ts'
import { quote } from '../store/duck/sql.ts'
import { query } from '../store/query/query.ts'
import type { Health } from './degradation-guard.ts'
import type { RetrainFlags } from './recipe/retrain-flags.ts'
import type { Loop } from './retraining.ts'

type Limits = Pick<RetrainFlags, 'alertAccuracy' | 'alertDivergence'>

interface Found {
  name: 'accuracy' | 'calibration' | 'divergence' | 'drift'
  value: number
  limit?: number
  text: string
}

/** Calibration is looked at every hour: its interval is wide, so that chance leaves it rarely. */
const CALIBRATION_LEVEL = 0.9999

/**
 * Tells what of a model in production is beyond the limits of the settings, or what it said beyond
 * what happened; each once a day. None of it changes what is in production: that is for the
 * detector, which knows its rate of false alarms.
 */
export async function alertLimits(
  loop: Loop,
  target: AlertTarget,
  health: Health | undefined,
  limits: Limits,
): Promise<void> {
  const { production } = loop.aliases()
  if (production === undefined) return
  const name = `${loop.model}@${production}`
  const reports = await newestReports(loop.model, production, target.home)
  const found = [
    ...accuracyOf(name, health, limits),
    ...calibrationOf(name, health),
    ...divergenceOf(name, reports, limits),
    ...driftOf(name, reports),
  ]
  const day = new Date(loop.at).toISOString().slice(0, 10)
  const told = loop.state().alerted ?? {}
  for (const { name: what, ...measured } of found) {
    if (told[what] === day) continue
    loop.remember({ alerted: { ...loop.state().alerted, [what]: day } })
    await raiseAlert(target, {
      id: `alert:guard:${loop.model}:${what}:${loop.at}`,
      ts: loop.at,
      source: 'retrain',
      alert: { severity: 'warn', name: what, ...measured },
    })
  }
}

function accuracyOf(name: string, health: Health | undefined, { alertAccuracy }: Limits): Found[] {
  const { accuracy, accuracyHigh = 1, rows = 0 } = health ?? {}
  if (accuracy === undefined || accuracyHigh >= alertAccuracy) return []
  const share = `${(100 * accuracy).toFixed(1)} %`
  const text = `${name}: right for ${share} of ${rows} tokens, limit ${100 * alertAccuracy} %`
  return [{ name: 'accuracy', value: accuracy, limit: alertAccuracy, text }]
}

function calibrationOf(name: string, health: Health | undefined): Found[] {
  const { said, happened, rows = 0 } = health ?? {}
  if (said === undefined || happened === undefined) return []
  const [low, high] = wilson(Math.round(happened * rows), rows, CALIBRATION_LEVEL)
  if (said >= low && said <= high) return []
  const text =
    `${name}: said ${(100 * said).toFixed(1)} % on average, ` +
    `${(100 * happened).toFixed(1)} % of ${rows} tokens did`
  return [{ name: 'calibration', value: said - happened, text }]
}

/** The number that is farthest from its training rows, of those whose window is beyond both. */
function divergenceOf(
  name: string,
  reports: readonly Report[],
  { alertDivergence }: Limits,
): Found[] {
  const [far] = reports
    .filter(({ above, distance }) => above && distance > alertDivergence)
    .sort((a, b) => b.distance - a.distance)
  if (far === undefined) return []
  const text =
    `${name}: ${far.feature} is ${far.distance.toFixed(3)} from its training rows ` +
    `(Jensen–Shannon distance), limit ${alertDivergence}`
  return [{ name: 'divergence', value: far.distance, limit: alertDivergence, text }]
}

/** Most names that an alert tells. */
const NAMED = 5

/** What `drift` holds to have drifted, the earliest first, with the token that showed it. */
function driftOf(name: string, reports: readonly Report[]): Found[] {
  const drifted = reports
    .filter(report => report.drifted || report.sinceAt !== undefined)
    .sort((a, b) => (a.sinceAt ?? Infinity) - (b.sinceAt ?? Infinity))
  if (drifted.length === 0) return []
  const named = drifted
    .slice(0, NAMED)
    .map(({ feature, sinceAt }) =>
      sinceAt === undefined ? feature : `${feature} since ${new Date(sinceAt).toISOString()}`,
    )
  const rest = drifted.length > NAMED ? `, and ${drifted.length - NAMED} more` : ''
  const text = `${name}: ${drifted.length} of ${reports.length} drifted: ${named.join(', ')}${rest}`
  return [{ name: 'drift', value: drifted.length, text: text.slice(0, 500) }]
}

interface Report {
  feature: string
  /** Jensen–Shannon distance of the window; 0 where there was none. */
  distance: number
  above: boolean
  drifted: boolean
  sinceAt?: number
}

/** The newest report of each feature and head: `drift` writes them. */
async function newestReports(model: string, version: string, home: string): Promise<Report[]> {
  const sql = `SELECT "name" AS feature, js_distance AS distance, above, drifted, since_at
    FROM ml_drift_reports WHERE model = ${quote(model)} AND "version" = ${quote(version)}
    QUALIFY row_number() OVER (PARTITION BY scope, "name" ORDER BY ts DESC) = 1
    ORDER BY scope, feature`
  const found: Report[] = []
  for await (const rows of query({ home, sql }))
    for (const { feature, distance, above, drifted, since_at } of rows)
      found.push({
        feature: String(feature),
        distance: Number(distance ?? 0),
        above: above === true,
        drifted: drifted === true,
        ...(typeof since_at === 'number' ? { sinceAt: since_at } : {}),
      })
  return found
}
