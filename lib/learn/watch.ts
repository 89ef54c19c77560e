import { promoted, rolledBack } from '../model/registry.ts'
import { type AlertTarget, raiseAlert } from '../monitor/alerts.ts'
import { brier } from '../train/metrics/proper.ts'
import { type Health, healthOf } from './guard.ts'
import { type Judgement, judge, judgeTrial, type TrialRules } from './judge.ts'
import { type Loop, numbers } from './loop.ts'
import type { Matured, ReadMatured } from './matured.ts'
import { knownUntil } from './recipe.ts'
import { type Labelled, laterRows, scoreRows } from './score-rows.ts'

const column = (rows: readonly Matured[], of: (row: Matured) => number): Float64Array => Float64Array.from(rows, of)

/** Newest tokens by which two versions are compared when one of them fails. */
const RECENT = 1000

/**
 * Looks at the version in production: when its live predictions have fallen behind its test by more than chance, it goes
 * back to the previous version if that does better on the newest labelled rows that neither has seen.
 */
export async function watchProduction(
  loop: Loop,
  target: AlertTarget,
  labelled: Labelled,
  matured: ReadMatured,
): Promise<Health | undefined> {
  const { production, previous } = loop.aliases()
  const loaded = loop.load(production as string)
  const { bundle } = loaded
  const live = await matured(bundle, undefined)
  const threshold = bundle.heads[0]?.threshold ?? 0.5
  const health = healthOf(
    column(live, row => row.label),
    column(live, row => row.p),
    threshold,
    standardOf(bundle.metrics),
  )
  if (health?.isDegraded !== true) return health
  await warn(loop, target, production as string, health)
  if (previous === undefined) return health
  const other = loop.load(previous)
  const rows = laterRows(labelled, Math.max(knownUntil(bundle), knownUntil(other.bundle))).slice(-RECENT)
  if (rows.length === 0) return health
  const label = Float64Array.from(rows, i => labelled.label[i] as number)
  const ours = brier(label, await scoreRows(loaded, labelled.rows, rows))
  const theirs = brier(label, await scoreRows(other, labelled.rows, rows))
  if (theirs >= ours) return health
  const { isDegraded: _, ...measured } = health
  const metrics = numbers({ ...measured, comparedRows: rows.length, productionBrier: ours, previousBrier: theirs })
  await loop.change('rollback', rolledBack(loop.aliases()), 'degraded, and the previous version does better', metrics)
  return { ...health, isDegraded: false }
}

/** What the bundle says of its test; undefined when it was not tested. */
export function standardOf(
  metrics: readonly { part: string; name: string; value: number; low?: number; high?: number }[],
) {
  const of = (name: string) => metrics.find(metric => metric.part === 'test' && metric.name === name)
  const [score, accuracy] = [of('brier'), of('accuracy')]
  if (score === undefined) return undefined
  return { brierHigh: score.high ?? score.value, accuracyLow: accuracy?.low ?? 0 }
}

async function warn({ model, at }: Loop, target: AlertTarget, version: string, health: Health): Promise<void> {
  const { rows, brier: score, accuracy } = health
  const text = `${model}@${version} degraded: Brier ${score.toFixed(4)}, accuracy ${accuracy.toFixed(3)} on ${rows} tokens`
  const alert = { severity: 'error', name: 'degradation', value: score, text } as const
  await raiseAlert(target, { id: `alert:retrain:${model}:${at}`, ts: at, source: 'retrain', alert })
}

/** Looks at the version on trial, if there is one, and ends the trial when it is decided. True while it goes on. */
export async function watchTrial(
  loop: Loop,
  labelled: Labelled,
  matured: ReadMatured,
  rules: TrialRules,
): Promise<boolean> {
  const { production, shadow } = loop.aliases()
  if (shadow === undefined || shadow === production) return false
  if (loop.state().trial?.version !== shadow) loop.remember({ trial: { version: shadow, since: labelled.newest } })
  const { bundle } = loop.load(production as string)
  const rows = await matured(bundle, shadow)
  const found = rows.length === 0 ? undefined : judgeMatured(rows, bundle.heads[0]?.threshold ?? 0.5, shadow)
  const spanMs = rows.length === 0 ? 0 : (rows.at(-1) as Matured).ts - (rows[0] as Matured).ts
  const ageMs = labelled.newest - (loop.state().trial?.since ?? labelled.newest)
  const { end, reason } = judgeTrial({ found, spanMs, ageMs }, rules)
  if (found !== undefined && end !== 'wait')
    await recordComparison(
      loop,
      'trial',
      shadow,
      found,
      rows.map(row => row.ts),
    )
  const metrics = numbers({ ...measuresOf(found), spanHours: spanMs / 3_600_000, ageHours: ageMs / 3_600_000 })
  const { shadow: _, ...without } = loop.aliases()
  if (end === 'promote') await loop.change('promote', promoted(loop.aliases(), shadow), reason, metrics)
  else if (end === 'retire') await loop.change('retire', without, reason, metrics)
  return end === 'wait'
}

function judgeMatured(rows: readonly Matured[], threshold: number, seed: string): Judgement {
  const label = column(rows, row => row.label)
  const champion = column(rows, row => row.p)
  const challenger = column(rows, row => row.shadow ?? Number.NaN)
  return judge({ label, champion, challenger }, threshold, seed)
}

/** Numbers of a comparison for a row. */
export const measuresOf = (found: Judgement | undefined): Record<string, number | undefined> => ({
  rows: found?.rows,
  gain: found?.gain,
  brierDifference: found?.brierDifference,
  brierLow: found?.brierLow,
  brierHigh: found?.brierHigh,
  aucDifference: found?.aucDifference,
  onlyChallenger: found?.onlyFirst,
  onlyChampion: found?.onlySecond,
})

/** A row of ml_model_comparisons: `where` it was made, in training or on trial. */
export async function recordComparison(
  loop: Loop,
  where: 'later' | 'trial',
  challenger: string,
  found: Judgement,
  times: readonly number[],
): Promise<void> {
  const { model, at } = loop
  const { rows, championBrier, challengerBrier, mcnemarP, verdict } = found
  await loop.record('ml_model_comparisons', {
    id: `comparison:${model}:${at}:${where}`,
    ts: at,
    model,
    champion: loop.aliases().production,
    challenger,
    ...{ rows, championBrier, challengerBrier, pValue: mcnemarP, verdict },
    fromAt: times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY),
    untilAt: times.reduce((most, time) => Math.max(most, time), 0),
    metrics: numbers(measuresOf(found)),
  })
}
