import { promoted } from '../model/registry.ts'
import { type Evidence, type Seen, seenBy } from './evidence.ts'
import {
  evidenceOf,
  type Judgement,
  judge,
  judgeTrial,
  type TrialRules,
} from './promotion-judge.ts'
import { type Loop, numbers } from './retraining.ts'

/**
 * Looks at the version on trial, if there is one, and ends the trial when it is decided. True while
 * it goes on. Where nothing is in production it is held against the base rate of its training rows.
 */
export async function watchTrial(
  loop: Loop,
  evidence: Evidence,
  rules: TrialRules,
): Promise<boolean> {
  const { production, shadow } = loop.aliases()
  const newest = evidence.labelled?.newest ?? loop.at
  if (shadow === undefined || shadow === production) return false
  if (loop.state().trial?.version !== shadow)
    loop.remember({ trial: { version: shadow, since: newest } })
  const { since, baseRate } = loop.state().trial!
  const challenger = loop.load(shadow)
  const champion = production === undefined ? undefined : loop.load(production)
  if (champion === undefined && baseRate === undefined) return false
  const { time, ...seen } =
    champion === undefined
      ? againstRate(
          await seenBy(evidence, { champion: challenger, isOnTrial: true, since }),
          baseRate!,
        )
      : await seenBy(evidence, { champion, challenger, since })
  const threshold = (champion ?? challenger).bundle.heads[0]?.threshold ?? 0.5
  const found = time.length === 0 ? undefined : judge(seen, threshold, shadow)
  const spanMs = time.length === 0 ? 0 : time.at(-1)! - time[0]!
  const ageMs = newest - since
  const { end, reason } = judgeTrial({ found, spanMs, ageMs }, rules)
  if (end === 'wait') return true
  if (found !== undefined) await recordComparison(loop, 'trial', shadow, found, time)
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
  else await loop.change('retire', without, reason, metrics)
  return false
}

/** A version beside somebody who always says the base rate. */
function againstRate({ time, champion, ...seen }: Seen, baseRate: readonly number[]): Seen {
  const rows = time.length
  const constant = baseRate.map(rate => new Float64Array(rows).fill(rate))
  return { ...seen, time, champion: constant, challenger: champion }
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

/** Who is beaten where nothing is in production yet. */
const BASE_RATE = 'base-rate'

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
    champion: loop.aliases().production ?? BASE_RATE,
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
