import { type AlertTarget, raiseAlert } from '../alerts/alerts.ts'
import { lossesOf, meanOf } from '../maths/loss.ts'
import type { LoadedBundle } from '../model/files.ts'
import { type Aliases, rolledBack } from '../model/registry.ts'
import { type Health, healthOf, standardOf } from './degradation-guard.ts'
import { type Evidence, lossesOfSeen, RECENT, seenBy } from './evidence.ts'
import { knownUntil } from './recipe/recipe.ts'
import { type Loop, numbers } from './retraining.ts'
import { labelsOf, laterRows, scoreRows } from './rows/score-rows.ts'

/**
 * Looks at the version in production. When it does worse on its newest tokens than on its test, by
 * more than chance, it is taken out. The previous version comes back if it does better on the
 * newest labelled rows, which neither has seen; else nothing is in production, and gate goes by
 * strategies alone.
 */
export async function watchProduction(
  loop: Loop,
  target: AlertTarget,
  evidence: Evidence,
  guardRows?: number,
): Promise<Health | undefined> {
  const { production, previous } = loop.aliases()
  const loaded = loop.load(production!)
  const { bundle } = loaded
  const seen = await seenBy(evidence, { champion: loaded, since: Number.NEGATIVE_INFINITY })
  if (seen.champion.length === 0) return undefined
  const losses = lossesOfSeen(seen, loaded)
  const numbersSaid = seen.aim === 'numbers' ? bundle.heads[0]?.labels : undefined
  const standard = standardOf(bundle.metrics, numbersSaid)
  const health = healthOf(losses, seen.aim, standard, guardRows)
  if (health === undefined) return undefined
  if (seen.aim === 'binary')
    Object.assign(health, { said: meanOf(seen.champion[0]!), happened: meanOf(seen.labels[0]!) })
  if (!health.isDegraded) return health
  const { isDegraded: _, ...measured } = health
  const better =
    previous === undefined ? undefined : await isBetter(loop, evidence, loaded, previous)
  const metrics = numbers({ ...measured, ...better?.metrics })
  await warn(loop, target, production!, health, better?.yes === true ? previous : undefined)
  if (better?.yes === true) {
    const reason = 'degraded, and the previous version does better'
    await loop.change('rollback', rolledBack(loop.aliases()), reason, metrics)
    return { ...health, isDegraded: false }
  }
  if (evidence.keepsDegraded === true) return health
  const reason =
    previous === undefined
      ? 'degraded, and there is no previous version: strategies alone'
      : 'degraded, and the previous version does no better: strategies alone'
  await loop.change('withdraw', withdrawn(loop.aliases()), reason, metrics)
  return health
}

/** Aliases without a version in production; a rollback by hand brings it back. */
function withdrawn({ production, shadow }: Aliases): Aliases {
  return {
    ...(shadow === undefined ? {} : { shadow }),
    ...(production === undefined ? {} : { previous: production }),
  }
}

/** Whether the version before does better on the newest rows that neither has learned from. */
async function isBetter(
  loop: Loop,
  { labelled }: Evidence,
  loaded: LoadedBundle,
  previous: string,
): Promise<{ yes: boolean; metrics: Record<string, number> } | undefined> {
  if (labelled === undefined) return undefined
  const other = loop.load(previous)
  const known = Math.max(knownUntil(loaded.bundle), knownUntil(other.bundle))
  const rows = laterRows(labelled, known).slice(-RECENT)
  if (rows.length === 0) return undefined
  const lossOf = async (version: LoadedBundle): Promise<number> =>
    meanOf(
      lossesOf(labelled.aim, labelsOf(labelled, rows), await scoreRows(version, labelled, rows))
        .loss,
    )
  const [ours, theirs] = [await lossOf(loaded), await lossOf(other)]
  return {
    yes: theirs < ours,
    metrics: { comparedRows: rows.length, productionLoss: ours, previousLoss: theirs },
  }
}

async function warn(
  { model, at }: Loop,
  target: AlertTarget,
  version: string,
  { rows, loss, accuracy }: Health,
  back: string | undefined,
): Promise<void> {
  const right = accuracy === undefined ? '' : `, accuracy ${accuracy.toFixed(3)}`
  const then = back === undefined ? '' : `; back to ${back}`
  const text =
    `${model}@${version} degraded: loss ${loss.toPrecision(4)}${right} ` +
    `on ${rows} tokens${then}`
  const alert = { severity: 'error', name: 'degradation', value: loss, text } as const
  await raiseAlert(target, { id: `alert:retrain:${model}:${at}`, ts: at, source: 'retrain', alert })
}
