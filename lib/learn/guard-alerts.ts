import { type AlertTarget, raiseAlert } from '../alerts/alerts.ts'
import { wilson } from '../maths/confidence-interval.ts'
import { quote } from '../store/duck/sql.ts'
import { query } from '../store/query/query.ts'
import type { Health } from './degradation-guard.ts'
import type { RetrainFlags } from './retrain-flags.ts'
import type { Loop } from './retraining.ts'

type Limits = Pick<RetrainFlags, 'alertAccuracy' | 'alertDivergence'>

interface Found {
  name: 'accuracy' | 'calibration' | 'divergence'
  value: number
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
  const drift = await divergenceOf(loop.model, production, target.home)
  const found = [
    ...accuracyOf(name, health, limits),
    ...calibrationOf(name, health),
    ...drift.flatMap(({ feature, distance }): Found[] =>
      distance <= limits.alertDivergence
        ? []
        : [
            {
              name: 'divergence',
              value: distance,
              text:
                `${name}: ${feature} is ${distance.toFixed(3)} from its training rows ` +
                `(Jensen–Shannon distance), limit ${limits.alertDivergence}`,
            },
          ],
    ),
  ]
  const day = new Date(loop.at).toISOString().slice(0, 10)
  const told = loop.state().alerted ?? {}
  for (const { name: what, value, text } of found) {
    if (told[what] === day) continue
    loop.remember({ alerted: { ...loop.state().alerted, [what]: day } })
    await raiseAlert(target, {
      id: `alert:guard:${loop.model}:${what}:${loop.at}`,
      ts: loop.at,
      source: 'retrain',
      alert: { severity: 'warn', name: what, value, text },
    })
  }
}

function accuracyOf(name: string, health: Health | undefined, { alertAccuracy }: Limits): Found[] {
  const { accuracy, accuracyHigh = 1, rows = 0 } = health ?? {}
  if (accuracy === undefined || accuracyHigh >= alertAccuracy) return []
  const share = `${(100 * accuracy).toFixed(1)} %`
  const text = `${name}: right for ${share} of ${rows} tokens, limit ${100 * alertAccuracy} %`
  return [{ name: 'accuracy', value: accuracy, text }]
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

/** The newest report of each feature and head, farthest first: `drift` writes them. */
async function divergenceOf(
  model: string,
  version: string,
  home: string,
): Promise<{ feature: string; distance: number }[]> {
  const sql = `SELECT "name" AS feature, js_distance AS distance FROM ml_drift_reports
    WHERE model = ${quote(model)} AND "version" = ${quote(version)} AND above
    QUALIFY row_number() OVER (PARTITION BY "name" ORDER BY ts DESC) = 1
    ORDER BY distance DESC LIMIT 1`
  const found: { feature: string; distance: number }[] = []
  for await (const rows of query({ home, sql }))
    for (const { feature, distance } of rows)
      found.push({ feature: String(feature), distance: Number(distance) })
  return found
}
