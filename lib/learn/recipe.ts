import { UsageError } from '../base/errors.ts'
import { type Bundle, featureName } from '../model/bundle.ts'
import { NETS, type Net } from '../train/networks/network-rows.ts'
import type { NetworkFlags } from '../train/networks/run-train-network.ts'
import type { TrainFlags } from '../train/tabular/run-train.ts'

/** What the data say about themselves, beyond what the bundle knows. */
export interface DataColumns {
  label: string | undefined
  time: string | undefined
  group: string | undefined
  horizon: number
  embargo: number
}

const ALGORITHMS = ['gbdt', 'forest', 'logistic'] as const

/** Flags of `train` for a table, or for a network. */
export type Recipe = TrainFlags | ({ algo: 'network' } & NetworkFlags)

/**
 * The flags of `train` that made a bundle: the same features, label, algorithm and settings on
 * other data. Throws UsageError for models that `train` does not make from labelled rows.
 */
export function recipeOf(bundle: Bundle, data: DataColumns, out: string): Recipe {
  const { kind, algorithm, inputs } = bundle
  const net = NETS.find(name => algorithm.name === `network ${name}`)
  if (net !== undefined) return { algo: 'network', ...networkRecipe(bundle, net, data, out) }
  const algo = ALGORITHMS.find(name => name === algorithm.name)
  if (algo === undefined || kind === 'volatility' || inputs[0]?.features === undefined)
    throw new UsageError(
      `${bundle.name}@${bundle.version} is ${algorithm.name}, which does not learn from ` +
        'labelled rows; make a version by hand, then: sluice models promote',
    )
  return tableRecipe({ ...bundle, kind }, algo, data, out)
}

function tableRecipe(
  bundle: Bundle & { kind: TrainFlags['kind'] },
  algo: TrainFlags['algo'],
  data: DataColumns,
  out: string,
): TrainFlags {
  const { kind, algorithm, inputs, heads } = bundle
  const [input] = inputs
  return {
    ...settingsOf(algorithm.settings),
    ...data,
    algo,
    kind,
    features: input?.features?.map(featureName),
    set: input?.set,
    label: data.label ?? bundle.data.label,
    head: heads[0]?.name,
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
    monotone: Array.isArray(algorithm.settings.monotone)
      ? algorithm.settings.monotone.map(String)
      : undefined,
  }
}

function networkRecipe(
  { algorithm, heads, seed, notes }: Bundle,
  net: Net,
  data: DataColumns,
  out: string,
): NetworkFlags {
  const { settings } = algorithm
  return {
    net,
    epochs: numberOf(settings, 'epochs', 12),
    batch: numberOf(settings, 'batch', 64),
    learningRate: numberOf(settings, 'learningRate', 0.002),
    patience: numberOf(settings, 'patience', 20),
    balanced: settings.balanced === true,
    focal: numberOf(settings, 'focal', 0),
    dropout: numberOf(settings, 'dropout', 0.2),
    threads: 2,
    checkpoint: undefined,
    resume: false,
    bar: numberOf(settings, 'bar', 300_000),
    horizon: data.horizon,
    embargo: data.embargo,
    threshold: heads[0]?.threshold ?? 0.5,
    seed: Number(seed),
    out,
    note: notes[0],
  }
}

const numberOf = (settings: Record<string, unknown>, name: string, fallback: number): number => {
  const value = settings[name]
  return typeof value === 'number' ? value : fallback
}

/** Settings that an algorithm does not have keep the defaults of `train`. */
function settingsOf(settings: Record<string, unknown>) {
  const number = (name: string, fallback: number): number => numberOf(settings, name, fallback)
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
  return distribution?.prices?.map(f => names[f]!).filter(name => name !== 'close')
}

/** Event time of the newest row that a version was trained, stopped or calibrated on. */
export function knownUntil({ data }: Bundle): number {
  const ends = ['train', 'stop', 'calibration'].map(
    part => data.parts[part]?.to ?? Number.NEGATIVE_INFINITY,
  )
  return Math.max(...ends)
}
