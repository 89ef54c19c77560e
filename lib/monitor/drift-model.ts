import type { Baseline } from '../alerts/baseline.ts'
import { TemporaryError } from '../base/errors.ts'
import { featureName } from '../model/bundle.ts'
import { readManifest } from '../model/files.ts'
import { type Entry, findVersion, listModels, modelRoots, versionDir } from '../model/registry.ts'

/** What is watched of a model. */
export interface WatchedModel {
  name: string
  version: string
  set: string
  /** Length of window that the baselines were made for. */
  periodMs: number
  /** Features of the set of its first input that are watched. */
  features: readonly string[]
  featureBaselines: ReadonlyMap<string, Baseline>
  predictionBaselines: ReadonlyMap<string, Baseline>
  /** What the first line of a token looks like; absent in bundles of earlier versions. */
  arrivals?: { feature: ReadonlyMap<string, Baseline>; prediction: ReadonlyMap<string, Baseline> }
  /** Event time behind which no row was trained or tested on. */
  dataUntil: number
  /** Share of a feature in what the model goes by; empty where the bundle does not say. */
  importance: ReadonlyMap<string, number>
}

/**
 * The named models, or all in production that have baselines. Those without features by name
 * (networks on tensors) have predictions only. Throws TemporaryError while there is none.
 */
export function watchedModels(
  names: readonly string[] | undefined,
  root: string | undefined,
  home: string,
): WatchedModel[] {
  const models = listModels(modelRoots(root, home))
  if (names !== undefined) return names.map(name => watch(models, name))
  const found = [...models.values()]
    .filter(({ aliases }) => aliases.production !== undefined)
    .map(({ name }) => watch(models, name))
    .filter(
      ({ featureBaselines, predictionBaselines }) =>
        featureBaselines.size + predictionBaselines.size > 0,
    )
  if (found.length === 0)
    throw new TemporaryError(
      'no model in production has baselines yet; train one, or name one with --model NAME@VERSION',
    )
  return found
}

function watch(models: Map<string, Entry>, name: string): WatchedModel {
  const { entry, version } = findVersion(models, name)
  const { inputs, drift, data, importance } = readManifest(versionDir(entry, version))
  const set = inputs[0]?.set ?? ''
  const features = inputs
    .flatMap(input => (input.set === set ? (input.features ?? []) : []))
    .map(featureName)
  return {
    name: entry.name,
    version,
    set,
    periodMs: drift?.periodMs ?? 86_400_000,
    features:
      drift === undefined
        ? features
        : features.filter(feature => Object.hasOwn(drift.features, feature)),
    featureBaselines: new Map(Object.entries(drift?.features ?? {})),
    predictionBaselines: new Map(Object.entries(drift?.predictions ?? {})),
    ...(drift?.arrivals === undefined
      ? {}
      : {
          arrivals: {
            feature: new Map(Object.entries(drift.arrivals.features)),
            prediction: new Map(Object.entries(drift.arrivals.predictions)),
          },
        }),
    dataUntil: Math.max(0, ...Object.values(data.parts).map(part => part.to ?? 0)),
    importance: sharesOf(importance),
  }
}

function sharesOf(importance: Readonly<Record<string, number>> = {}): Map<string, number> {
  const total = Object.values(importance).reduce((sum, each) => sum + Math.max(0, each), 0)
  if (!(total > 0)) return new Map()
  return new Map(Object.entries(importance).map(([name, x]) => [name, Math.max(0, x) / total]))
}
