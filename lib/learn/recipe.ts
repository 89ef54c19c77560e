import { UsageError } from '../errors.ts'
import { type Bundle, featureName } from '../model/bundle.ts'
import type { TrainFlags } from '../train/run-train.ts'

/** What the data say about themselves, beyond what the bundle knows. */
export interface DataColumns {
  label: string | undefined
  time: string | undefined
  group: string | undefined
  horizon: number
  embargo: number
}

const ALGORITHMS = ['gbdt', 'forest', 'logistic'] as const

/**
 * The flags of `train` that made a bundle: the same features, label, algorithm and settings on other data. Throws UsageError
 * for models that are not trained by `train`, or whose output is no probability.
 */
export function recipeOf(bundle: Bundle, data: DataColumns, out: string): TrainFlags {
  const { kind, algorithm, inputs, heads } = bundle
  const algo = ALGORITHMS.find(name => name === algorithm.name)
  const [input] = inputs
  const head = heads[0]?.name
  if (algo === undefined || kind === 'volatility' || input?.features === undefined)
    throw new UsageError(`${bundle.name}@${bundle.version} is ${algorithm.name}, which train does not make`)
  if (kind === 'price' || head === 'maxProfit')
    throw new UsageError(`${bundle.name}@${bundle.version} says a number; only probabilities can be compared`)
  return {
    ...settingsOf(algorithm.settings),
    ...data,
    algo,
    kind,
    features: input.features.map(featureName),
    set: input.set,
    label: data.label ?? bundle.data.label,
    head,
    prices: pricesOf(bundle),
    weight: undefined,
    seed: Number(bundle.seed),
    threshold: heads[0]?.threshold ?? 0.5,
    calibrate: heads[0]?.calibration !== 'none',
    out,
    valid: 0.2,
    test: 0.2,
    folds: 0,
    disjoint: data.group !== undefined,
    note: bundle.notes.join(' '),
    importance: false,
    positive: undefined,
    threads: undefined,
    peers: undefined,
    monotone: Array.isArray(algorithm.settings.monotone) ? algorithm.settings.monotone.map(String) : undefined,
  }
}

/** Settings that an algorithm does not have keep the defaults of `train`. */
function settingsOf(settings: Record<string, unknown>) {
  const number = (name: string, fallback: number): number => {
    const value = settings[name]
    return typeof value === 'number' ? value : fallback
  }
  return {
    rounds: number('rounds', 200),
    leaves: number('leaves', 31),
    rate: number('rate', 0.1),
    minLeaf: number('minLeaf', 20),
    l2: number('l2', 0),
    trees: number('trees', 100),
    rowShare: number('rowShare', 1),
    featureShare: number('featureShare', 1),
    patience: number('patience', 20),
  }
}

function pricesOf({ inputs, distribution }: Bundle): string[] | undefined {
  const names = inputs[0]?.features?.map(featureName) ?? []
  return distribution?.prices?.map(f => names[f] as string).filter(name => name !== 'close')
}

/** Event time of the newest row that a version was trained, stopped or calibrated on. */
export function knownUntil({ data }: Bundle): number {
  const ends = ['train', 'stop', 'calibration'].map(part => data.parts[part]?.to ?? Number.NEGATIVE_INFINITY)
  return Math.max(...ends)
}
