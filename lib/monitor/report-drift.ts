import type { Baseline } from '../alerts/baseline.ts'
import { jsDivergence, shares } from './divergence.ts'
import type { WatchedModel } from './drift-model.ts'
import type { ArrivalState } from './drift-state.ts'
import type { Side } from './drift-window.ts'
import { evidenceLimit, onceLimit, windowLimit } from './false-alarms.ts'
import { JS_FLOOR, judgeDrift, shiftOf } from './judge-drift.ts'
import { capitalOf, type Watch } from './martingale.ts'

/** All that was counted of a model. */
export interface Numbers {
  until: number
  sides: readonly Side[]
  arrivals?: ArrivalState
  /** Hours of the window that lines reach back over. */
  hours?: number
}

/** A row of ml_drift_reports. */
export interface ReportRow {
  id: string
  ts: number
  scope: Side['scope']
  name: string
  verdict: 'drifted' | 'quiet' | 'insufficient'
  drifted: boolean
  above?: boolean
  sinceAt?: number
  shift?: number
  recentShift?: number
  importance?: number
  impact?: number
  [more: string]: unknown
}

/** Fewer tokens could not be beyond chance among some thirty numbers, whatever they are. */
export const LEAST_TOKENS = 8

interface Judging {
  /** Number of this look among those at windows of the version. */
  look: number
  isFile: boolean
  alpha: number
}

/**
 * A row per number of a model: what its window says, and what the tokens that came say. `drifted`
 * is by the tokens alone; windows in a row are counted elsewhere.
 */
export function judgeNumbers(model: WatchedModel, found: Numbers, judging: Judging): ReportRow[] {
  const { until, sides, arrivals } = found
  const keys = new Map<string, Partial<ReportRow>>()
  const counted = sides.filter(({ window }) => window.rows >= LEAST_TOKENS)
  const tests = sides.reduce((sum, { watched }) => sum + watched.length, 0)
  const { alpha, look, isFile } = judging
  const pLimit = isFile ? onceLimit(alpha, tests) : windowLimit(alpha, tests, look)
  for (const side of counted)
    for (const [k, { name }] of side.watched.entries())
      keys.set(`${side.scope} ${name}`, windowFields(side, k, pLimit))
  for (const [scope, baselines] of Object.entries(arrivals === undefined ? {} : model.arrivals!)) {
    const all = model.arrivals!.feature.size + model.arrivals!.prediction.size
    for (const [name, baseline] of baselines) {
      const key = `${scope} ${name}`
      const watch = arrivals!.watches[key]
      if (watch === undefined || watch.tokens < LEAST_TOKENS) continue
      const fields = arrivalFields(watch, baseline, evidenceLimit(alpha, all))
      const sinceAt = arrivals!.since[key]
      keys.set(key, {
        ...keys.get(key),
        ...fields,
        ...(sinceAt === undefined ? {} : { sinceAt }),
      })
    }
  }
  return numbersOf(model, isFile ? sides : undefined).map(({ scope, name }) => {
    const fields = keys.get(`${scope} ${name}`)
    return rowOf(model, { scope, name }, until, fields)
  })
}

/** All numbers that are watched; of a file those that it has. */
function numbersOf(
  model: WatchedModel,
  sides: readonly Side[] | undefined,
): { scope: Side['scope']; name: string }[] {
  if (sides !== undefined)
    return sides.flatMap(({ scope, watched }) => watched.map(({ name }) => ({ scope, name })))
  return [
    ...model.features.map(name => ({ scope: 'feature' as const, name })),
    ...[...model.predictionBaselines.keys()].map(name => ({ scope: 'prediction' as const, name })),
  ]
}

function rowOf(
  model: WatchedModel,
  { scope, name }: { scope: Side['scope']; name: string },
  until: number,
  fields: Partial<ReportRow> | undefined,
): ReportRow {
  const importance = scope === 'feature' ? model.importance.get(name) : undefined
  const { recentDistance, ...known } = fields ?? {}
  const distance = Number(known.jsDistance ?? recentDistance ?? 0)
  return {
    id: `drift:${model.name}:${model.version}:${scope}:${name}:${until}`,
    ts: until,
    model: model.name,
    version: model.version,
    scope,
    name,
    verdict: fields === undefined ? 'insufficient' : 'quiet',
    drifted: false,
    rows: 0,
    ...known,
    ...(importance === undefined ? {} : { importance, impact: importance * distance }),
  }
}

function windowFields({ watched, window }: Side, k: number, pLimit: number): Partial<ReportRow> {
  const { baseline } = watched[k]!
  const counts = window.counts[k]!
  const rowsPerToken = window.rowsPerToken?.[k] ?? 1
  const { fromAt, untilAt } = window
  return {
    rows: window.rows,
    ...judgeDrift(baseline, counts, { pLimit, rowsPerToken }),
    pLimit,
    jsLimit: JS_FLOOR,
    referenceRows: baseline.rows,
    missingShare: counts.missing / window.rows,
    ...(fromAt === undefined ? {} : { fromAt, untilAt }),
  }
}

function arrivalFields(watch: Watch, baseline: Baseline, limit: number): Partial<ReportRow> {
  const recentShift = shiftOf(baseline.shares, watch.recent.slice(0, -1))
  const expected = [...baseline.shares, baseline.missingShare]
  return {
    tokens: watch.tokens,
    evidence: Math.log10(capitalOf(watch)),
    evidenceLimit: Math.log10(limit),
    ...(recentShift === undefined ? {} : { recentShift }),
    recentDistance: Math.sqrt(jsDivergence(expected, shares(watch.recent))),
  }
}
