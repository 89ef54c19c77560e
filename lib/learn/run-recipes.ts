import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Output } from '../base/console.ts'
import { exitCodeOf, messageOf, TemporaryError } from '../base/errors.ts'
import type { Bundle } from '../model/bundle.ts'
import { modelRoots } from '../model/registry.ts'
import { sync } from '../store/tables/sync.ts'
import { isDue } from './due.ts'
import type { Evidence } from './evidence.ts'
import { againstNothing } from './first-version.ts'
import { alertLimits } from './guard-alerts.ts'
import { takeLease } from './lease.ts'
import { recentPrices } from './recent-prices.ts'
import { type ModelRecipe, readRecipe, recipeNames, recipeRoots } from './recipe/model-recipe.ts'
import { knownUntil } from './recipe/recipe.ts'
import { flagsOf } from './recipe/recipe-flags.ts'
import { countRows, lackOf, writeRows } from './recipe/recipe-rows.ts'
import type { RetrainFlags } from './recipe/retrain-flags.ts'
import { refitVolatility } from './refit-volatility.ts'
import { type Loop, numbers, openLoop } from './retraining.ts'
import { outcomeOf } from './rows/matured.ts'
import { recentRows } from './rows/recent-rows.ts'
import type { RetrainOptions } from './run-retrain.ts'
import { closeKilled, trainStep } from './train-step.ts'
import { watchTrial } from './trial.ts'
import { watchProduction } from './watch-production.ts'

export interface RecipeOptions
  extends Omit<RetrainOptions, 'model' | 'data'>,
    Pick<RetrainFlags, 'alertAccuracy' | 'alertDivergence'> {
  /** Nothing is exported or trained: production is guarded and the trial judged. */
  isGuard: boolean
}

/**
 * One look at each model that has a recipe, or at those that are named: production is guarded, the
 * trial judged, and a version trained where it is due, from the labelled rows of the home. What is
 * wrong with one model stops no other: it is told, and the worst of it thrown at the end. Throws
 * TemporaryError where there was nothing to do for any.
 */
export async function runRecipes(
  names: readonly string[],
  options: RecipeOptions,
  out: Output,
): Promise<void> {
  await loadNew(options)
  const roots = recipeRoots(options.models, options.home)
  const wanted = names.length > 0 ? names : recipeNames(roots)
  const failed: Error[] = []
  let [looked, lacking] = [0, 0]
  for (const name of wanted) {
    try {
      const recipe = readRecipe(name, roots)
      if (recipe === undefined)
        throw new TemporaryError(`no recipe.json of that name (looked in ${roots.join(' and ')})`)
      const lack = await lookAt(recipe, options, out)
      if (lack === undefined) looked++
      else {
        lacking++
        // The guard comes every hour: models that are not there are no news.
        if (!options.isGuard || names.length > 0) options.log.warn(`${name}: ${lack}`)
      }
    } catch (error) {
      if (wanted.length > 1) options.log.error(`${name}: ${messageOf(error)}`)
      failed.push(error as Error)
    }
  }
  const worst = failed.sort((a, b) => rank(b) - rank(a))[0]
  if (worst !== undefined) throw worst
  if (looked === 0 && lacking > 0 && !options.isGuard)
    throw new TemporaryError('no model has rows enough to learn from; they come with label.sh')
}

/** Loads what the journals have got since; while another sync runs, what is loaded has to do. */
async function loadNew({ home, log }: RecipeOptions): Promise<void> {
  try {
    await sync({ home, warn: log.warn })
  } catch (error) {
    if (!(error instanceof TemporaryError)) throw error
    log.warn(`${error.message}; judged by what is loaded`)
  }
}

/** A bug before bad calls and data, these before what passes. */
const rank = (error: Error): number => {
  const code = exitCodeOf(error)
  return code === 4 ? 0 : code
}

/** One look at one model; in words what it lacks where nothing could be done. */
async function lookAt(
  recipe: ModelRecipe,
  options: RecipeOptions,
  out: Output,
): Promise<string | undefined> {
  const { home } = options
  const [own] = modelRoots(options.models, home)
  const lease = takeLease(join(home, 'retrain', `${recipe.name}.lease`), options.lease, options.now)
  try {
    const hasVersion = existsSync(join(own!, recipe.name, 'aliases.json'))
    if (options.isGuard && !hasVersion) return 'no version yet'
    // A shipped model is not taken over before there is something to train it on.
    const lack = hasVersion ? undefined : lackOf(recipe, await countRows(home, recipe))
    if (lack !== undefined) return lack
    const loop = await openLoop({ ...options, model: recipe.name, lease, mayBeNew: true, out })
    await closeKilled(loop)
    const evidence = await evidenceFor(loop, recipe, options)
    const onTrial = await guardOnce(loop, evidence, options)
    if (options.isGuard) return undefined
    return await trainIfDue(loop, recipe, { ...options, onTrial })
  } finally {
    lease.release()
  }
}

/** Guards production and judges the trial; whether one goes on. */
async function guardOnce(loop: Loop, evidence: Evidence, options: RecipeOptions): Promise<boolean> {
  const { production } = loop.aliases()
  if (production !== undefined) {
    const health = await watchProduction(loop, options, evidence, options.guardRows)
    if (health?.isDegraded === true) loop.remember({ degradedAt: loop.at })
    await alertLimits(loop, options, health, options)
  }
  return await watchTrial(loop, evidence, options)
}

/** Versions that are in use and still there: production first. */
function bundlesInUse(loop: Loop): Bundle[] {
  const { production, shadow, previous } = loop.aliases()
  return [production, shadow, previous].flatMap(version =>
    version === undefined || !existsSync(join(loop.dir, version, 'bundle.json'))
      ? []
      : loop.load(version).bundle,
  )
}

/** Newest labelled lines of the home, as the versions in use read them, and live predictions. */
async function evidenceFor(
  loop: Loop,
  recipe: ModelRecipe,
  { home, matured }: RecipeOptions,
): Promise<Evidence> {
  const [first, ...rest] = bundlesInUse(loop)
  if (first?.kind === 'price') {
    const horizon = recipe.horizons[0]!
    return { labelled: await recentPrices({ home, horizon }, [first, ...rest]), matured }
  }
  const outcome = first === undefined ? undefined : outcomeOf(first)
  const label = outcome?.name ?? recipe.label
  if (first === undefined || outcome === undefined || label === undefined)
    return { labelled: undefined, matured: async () => [] }
  const asked = { home, label, horizon: outcome.horizon }
  return { labelled: await recentRows(asked, [first, ...rest]), matured }
}

interface TrainOptions extends RecipeOptions {
  onTrial: boolean
}

async function trainIfDue(
  loop: Loop,
  recipe: ModelRecipe,
  options: TrainOptions,
): Promise<string | undefined> {
  const { home, at, isManual, onTrial, env, signal } = options
  const { production } = loop.aliases()
  const { trainedAt, trainedUntil, degradedAt } = loop.state()
  const since =
    trainedUntil ?? (production === undefined ? 0 : knownUntil(loop.load(production).bundle))
  const newRows = (await countRows(home, recipe, Math.max(0, since))).rows
  const all = await countRows(home, recipe)
  const lack = lackOf(recipe, all)
  const isDegraded = degradedAt !== undefined
  const isFirst = production === undefined
  const facts = { at, isManual, isDegraded, newRows, trainedAt, onTrial, isFirst }
  const due = isDue(facts, { ...options, schedule: recipe.schedule })
  if (lack !== undefined) return lack
  if (due.trigger === undefined) {
    await loop.record('ml_training_jobs', {
      id: `job:${loop.model}:${at}:skipped`,
      ts: at,
      model: loop.model,
      state: 'skipped',
      reason: due.reason,
      metrics: numbers({ newRows }),
    })
    return undefined
  }
  const data = await writeRows(home, recipe, (what, by = 1) =>
    options.log.info(`${recipe.name}: ${what}: ${by}`),
  )
  if (recipe.algo === 'garch') {
    await refitVolatility(loop, {
      trigger: due.trigger,
      data,
      recipe,
      rows: all.rows,
      log: options.log,
    })
    return undefined
  }
  const bundles = bundlesInUse(loop)
  const step = {
    trigger: due.trigger,
    data,
    recipe: flagsOf(recipe, ''),
    kind: recipe.kind,
    rows: all.rows,
    bundles,
    trainer: { home, env, signal, timeoutMs: options.trainerTimeout },
    rules: { ...recipe, acceptUnderpowered: options.acceptUnderpowered },
    log: options.log,
  }
  await trainStep(loop, step, isFirst ? againstNothing : undefined)
  return undefined
}
