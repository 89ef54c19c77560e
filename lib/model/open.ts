import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import type { Step } from '../stream/step.ts'
import { goneFeature, isCurrentHash } from './current.ts'
import { readBundle } from './files.ts'
import { makePredictor, type Scorer } from './predictor.ts'
import { type Entry, findVersion, listModels } from './registry.ts'
import { modelRoots } from './roots.ts'
import { openSession } from './session.ts'

export interface OpenOptions {
  model: readonly string[] | undefined
  models: string | undefined
  shadow: boolean
  home: string
  count(what: string, by?: number): void
  warn(text: string): void
}

/**
 * The predict step with its models opened and verified. Throws UsageError for unknown models or versions and for files
 * that are not what their bundle says. While `<home>/ML_OFF` exists nothing is scored.
 */
export async function openPredictor(options: OpenOptions): Promise<Step> {
  const models = listModels(modelRoots(options.models, options.home))
  const scorers: Scorer[] = []
  try {
    for (const { entry, version, part } of chosen(models, options)) scorers.push(await openScorer(entry, version, part))
  } catch (error) {
    for (const { session } of scorers) await session.release()
    throw error
  }
  if (existsSync(join(options.home, 'ML_OFF'))) {
    options.warn('ML_OFF is set: lines pass unscored')
    scorers.splice(0).forEach(({ session }) => void session.release())
  }
  return makePredictor({ scorers, isCurrent: isCurrentHash, count: options.count })
}

interface Choice {
  entry: Entry
  version: string
  part: Scorer['part']
}

function chosen(models: Map<string, Entry>, { model, shadow }: OpenOptions): Choice[] {
  const wanted = model ?? [...models.values()].filter(({ aliases }) => aliases.production).map(({ name }) => name)
  const choices: Choice[] = wanted.map(name => ({ ...findVersion(models, name), part: 'prediction' }))
  const twice = choices.find(({ entry }, i) => choices.findIndex(other => other.entry.name === entry.name) < i)
  if (twice) throw new UsageError(`--model names ${twice.entry.name} twice; a line holds one prediction per model name`)
  for (const { entry } of shadow ? [...choices] : []) {
    const version = entry.aliases.shadow
    if (version !== undefined && !wanted.includes(`${entry.name}@shadow`))
      choices.push({ entry, version, part: 'shadow' })
  }
  return choices
}

async function openScorer(entry: Entry, version: string, part: Scorer['part']): Promise<Scorer> {
  const { bundle, model } = readBundle(join(entry.dir, version))
  const gone = goneFeature(bundle)
  if (gone !== undefined)
    throw new UsageError(
      `${entry.name}@${version} needs ${gone.feature}, which set ${gone.set} does not have; train it anew or leave it out with --model`,
    )
  const session = await openSession(model, bundle.model.minBatch)
  const lacking = bundle.inputs.find(({ name }) => !session.inputs.includes(name))?.name
  const missing = bundle.heads.find(({ output }) => !session.outputs.includes(output))?.output
  if (lacking !== undefined || missing !== undefined)
    throw new UsageError(
      `${entry.name}@${version}: its graph has no ${lacking ?? missing}; bundle.json and model.onnx do not belong together`,
    )
  return { bundle, session, part }
}
