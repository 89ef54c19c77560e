import { type AlertTarget, raiseAlert } from '../alerts/alerts.ts'
import { lossesOf, meanOf } from '../maths/loss.ts'
import { promoted, rolledBack } from '../model/registry.ts'
import { type Health, healthOf, standardOf } from './degradation-guard.ts'
import type { Matured, ReadMatured } from './matured.ts'
import {
  evidenceOf,
  type Judgement,
  judge,
  judgeTrial,
  type Paired,
  type TrialRules,
} from './promotion-judge.ts'
import { knownUntil } from './recipe.ts'
import { type Loop, numbers } from './retraining.ts'
import { type Labelled, labelsOf, laterRows, scoreRows } from './score-rows.ts'

/**
 * Newest tokens by which versions are judged where their predictions do not mature, or one of them
 * fails.
 */
const RECENT = 1000

/**
 * What the first head of production said of one row per token, and the version on trial; what came
 * of it.
 */
interface Seen extends Pick<Paired, 'aim' | 'labels'> {
  time: Float64Array
  champion: Float64Array[]
  challenger: Float64Array[]
}

/**
 * Live predictions of production, beside those of a version on trial if one is named. Where what a
 * model says has no outcome among the labels, both are asked now about the labelled rows after
 * `since` that neither has seen.
 */
async function seenBy(
  loop: Loop,
  { labelled, matured }: Evidence,
  shadow: string | undefined,
  since: number,
): Promise<Seen> {
  const champion = loop.load(loop.aliases().production!)
  const { aim } = labelled
  const live = await matured(champion.bundle, shadow)
  if (live !== undefined) {
    const columns = (of: (row: Matured) => readonly number[]): Float64Array[] =>
      Array.from({ length: live[0] === undefined ? 0 : of(live[0]).length }, (_, k) =>
        Float64Array.from(live, row => of(row)[k]!),
      )
    const [label, time] = [
      Float64Array.from(live, row => row.label),
      Float64Array.from(live, row => row.ts),
    ]
    return {
      aim,
      time,
      labels: [label],
      champion: columns(row => row.said),
      challenger: columns(row => row.shadow ?? []),
    }
  }
  const challenger = shadow === undefined ? undefined : loop.load(shadow)
  const known = Math.max(
    knownUntil(champion.bundle),
    challenger === undefined ? 0 : knownUntil(challenger.bundle),
  )
  const rows = laterRows(labelled, Math.max(known, since)).slice(-RECENT)
  return {
    aim,
    time: Float64Array.from(rows, i => labelled.time[i]!),
    labels: labelsOf(labelled, rows),
    champion: await scoreRows(champion, labelled, rows),
    challenger: challenger === undefined ? [] : await scoreRows(challenger, labelled, rows),
  }
}

/** Where outcomes come from. */
interface Evidence {
  labelled: Labelled
  matured: ReadMatured
}

/**
 * Looks at the version in production: when its live predictions have fallen behind its test by more
 * than chance, it goes back to the previous version if that does better on the newest labelled rows
 * that neither has seen.
 */
export async function watchProduction(
  loop: Loop,
  target: AlertTarget,
  evidence: Evidence,
): Promise<Health | undefined> {
  const { labelled } = evidence
  const { production, previous } = loop.aliases()
  const loaded = loop.load(production!)
  const { bundle } = loaded
  const { aim, labels, champion } = await seenBy(
    loop,
    evidence,
    undefined,
    Number.NEGATIVE_INFINITY,
  )
  const losses = lossesOf(aim, labels, champion, bundle.heads[0]?.threshold)
  const health =
    champion.length === 0 ? undefined : healthOf(losses, aim, standardOf(bundle.metrics))
  if (health?.isDegraded !== true) return health
  await warn(loop, target, production!, health)
  if (previous === undefined) return health
  const other = loop.load(previous)
  const rows = laterRows(labelled, Math.max(knownUntil(bundle), knownUntil(other.bundle))).slice(
    -RECENT,
  )
  if (rows.length === 0) return health
  const lossOf = async (version: typeof loaded): Promise<number> =>
    meanOf(lossesOf(aim, labelsOf(labelled, rows), await scoreRows(version, labelled, rows)).loss)
  const [ours, theirs] = [await lossOf(loaded), await lossOf(other)]
  if (theirs >= ours) return health
  const { isDegraded: _, ...measured } = health
  const metrics = numbers({
    ...measured,
    comparedRows: rows.length,
    productionLoss: ours,
    previousLoss: theirs,
  })
  await loop.change(
    'rollback',
    rolledBack(loop.aliases()),
    'degraded, and the previous version does better',
    metrics,
  )
  return { ...health, isDegraded: false }
}

async function warn(
  { model, at }: Loop,
  target: AlertTarget,
  version: string,
  health: Health,
): Promise<void> {
  const { rows, loss, accuracy } = health
  const right = accuracy === undefined ? '' : `, accuracy ${accuracy.toFixed(3)}`
  const text = `${model}@${version} degraded: loss ${loss.toPrecision(4)}${right} on ${rows} tokens`
  const alert = { severity: 'error', name: 'degradation', value: loss, text } as const
  await raiseAlert(target, { id: `alert:retrain:${model}:${at}`, ts: at, source: 'retrain', alert })
}

/**
 * Looks at the version on trial, if there is one, and ends the trial when it is decided. True while
 * it goes on.
 */
export async function watchTrial(
  loop: Loop,
  evidence: Evidence,
  rules: TrialRules,
): Promise<boolean> {
  const { production, shadow } = loop.aliases()
  const { newest } = evidence.labelled
  if (shadow === undefined || shadow === production) return false
  if (loop.state().trial?.version !== shadow)
    loop.remember({ trial: { version: shadow, since: newest } })
  const since = loop.state().trial?.since ?? newest
  const { bundle } = loop.load(production!)
  const { time, ...seen } = await seenBy(loop, evidence, shadow, since)
  const found =
    time.length === 0 ? undefined : judge(seen, bundle.heads[0]?.threshold ?? 0.5, shadow)
  const spanMs = time.length === 0 ? 0 : time.at(-1)! - time[0]!
  const ageMs = newest - since
  const { end, reason } = judgeTrial({ found, spanMs, ageMs }, rules)
  if (found !== undefined && end !== 'wait')
    await recordComparison(loop, 'trial', shadow, found, time)
  const metrics = numbers({
    ...measuresOf(found),
    ...(found === undefined ? {} : evidenceOf(found.gaps, rules.alpha)),
    alpha: rules.alpha,
    acceptUnderpowered: Number(rules.acceptUnderpowered),
    spanHours: spanMs / 3_600_000,
    ageHours: ageMs / 3_600_000,
  })
  const { shadow: _, ...without } = loop.aliases()
  if (end === 'promote')
    await loop.change('promote', promoted(loop.aliases(), shadow), reason, metrics)
  else if (end === 'retire') await loop.change('retire', without, reason, metrics)
  return end === 'wait'
}

/** Numbers of a comparison for a row; the names say what the loss is. */
export function measuresOf(found: Judgement | undefined): Record<string, number | undefined> {
  if (found === undefined) return {}
  const { rows, gain, power, aucDifference, onlyFirst, onlySecond } = found
  const name = found.aim === 'numbers' ? 'squaredError' : 'brier'
  return {
    rows,
    gain,
    power,
    [`${name}Difference`]: found.difference,
    [`${name}Low`]: found.low,
    [`${name}High`]: found.high,
    aucDifference,
    onlyChallenger: onlyFirst,
    onlyChampion: onlySecond,
  }
}

/** A row of ml_model_comparisons: `where` it was made, in training or on trial. */
export async function recordComparison(
  loop: Loop,
  where: 'later' | 'trial',
  challenger: string,
  found: Judgement,
  times: Float64Array,
): Promise<void> {
  const { model, at } = loop
  const { rows, championLoss, challengerLoss, mcnemarP, verdict } = found
  const losses =
    found.aim === 'numbers'
      ? { championError: championLoss, challengerError: challengerLoss }
      : { championBrier: championLoss, challengerBrier: challengerLoss }
  await loop.record('ml_model_comparisons', {
    id: `comparison:${model}:${at}:${where}`,
    ts: at,
    model,
    champion: loop.aliases().production,
    challenger,
    rows,
    ...losses,
    pValue: mcnemarP,
    verdict,
    fromAt: times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY),
    untilAt: times.reduce((most, time) => Math.max(most, time), 0),
    metrics: numbers(measuresOf(found)),
  })
}
