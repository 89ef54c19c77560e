import { join } from 'node:path'
import type { Log } from '../base/console.ts'
import { messageOf } from '../base/errors.ts'
import { defaultsOf } from '../base/flags.ts'
import { promoted } from '../model/registry.ts'
import { outFlags, rowFlags, volatilityFlags } from '../train/train-flags.ts'
import { runTrainVolatility } from '../train/volatility/run-train-volatility.ts'
import type { Trigger } from './due.ts'
import type { ModelRecipe } from './recipe/model-recipe.ts'
import { type Loop, numbers } from './retraining.ts'
import { nextVersion, refuse } from './train-step.ts'

interface Refit {
  trigger: Trigger
  /** Table of closes. */
  data: string
  recipe: ModelRecipe
  rows: number
  log: Log
}

/**
 * Fits a volatility model to the newest closes. What it forecasts has no outcome among the labels,
 * so it is judged by returns later than those it was fitted to: it takes over when it says more of
 * them than an EWMA does (log density) by more than chance, else it is refused.
 */
export async function refitVolatility(loop: Loop, refit: Refit): Promise<void> {
  const { trigger, data, rows, log } = refit
  const version = nextVersion(loop)
  const head = { ts: loop.at, model: loop.model, version, trigger, startedAt: loop.at }
  const job = (state: string, more: object): Promise<void> =>
    loop.record('ml_training_jobs', {
      id: `job:${loop.model}:${loop.at}:${state}`,
      ...head,
      state,
      ...more,
    })
  loop.remember({ job: { at: loop.at, version, trigger }, trainedAt: loop.at })
  await job('started', { rows })
  try {
    const flags = {
      ...defaultsOf(outFlags),
      ...defaultsOf(rowFlags),
      ...defaultsOf(volatilityFlags),
      label: 'close',
      time: 'ts',
      group: 'mint',
      out: join(loop.dir, version),
    }
    await runTrainVolatility(data, flags, { write: async () => undefined }, log)
  } catch (error) {
    await job('failed', { reason: messageOf(error).slice(0, 500) })
    loop.forget('job')
    throw error
  }
  const { bundle } = loop.load(version)
  const gained = bundle.metrics.find(({ name }) => name === 'logDensity gained')
  const metrics = numbers({
    logDensityGained: gained?.value,
    logDensityGainedLow: gained?.low,
    logDensityGainedHigh: gained?.high,
  })
  await job('finished', { rows, dataHash: bundle.data.hash, metrics })
  if ((gained?.low ?? 0) > 0) {
    const reason = 'says more of later returns than an EWMA'
    await loop.change('promote', promoted(loop.aliases(), version), reason, metrics)
  } else await refuse(loop, version, 'says no more of later returns than an EWMA', metrics)
  loop.forget('job')
}
