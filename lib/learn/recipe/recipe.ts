import { UsageError } from '../../base/errors.ts'
import { defaultsOf } from '../../base/flags.ts'
import { type Bundle, featureName } from '../../model/bundle.ts'
import type { writingFlags } from '../../table/time-flags.ts'
import { NETS, type Net } from '../../train/networks/network-rows.ts'
import {
  fitFlags,
  laterFlags,
  NETWORK_THREADS,
  type NetworkFlags,
  networkFlags,
  outFlags,
  PATIENCE,
  rowFlags,
  type TrainFlags,
  tableFlags,
} from '../../train/train-flags.ts'
import type { RetrainFlags } from './retrain-flags.ts'

/** What the data say about themselves, beyond what the bundle knows. */
type DataColumns = Pick<RetrainFlags, 'label' | 'time' | 'group' | 'horizon' | 'embargo'> &
  Partial<Pick<RetrainFlags, keyof typeof writingFlags>>

const ALGORITHMS = ['gbdt', 'forest', 'logistic'] as const

/** A command of somebody else that trains, and what the data say about themselves. */
export type TrainerRecipe = DataColumns & { algo: 'trainer'; command: string }

/** Flags of `train` for a table, or for a network; or what trains in its place. */
export type Recipe = TrainFlags | ({ algo: 'network' } & NetworkFlags) | TrainerRecipe

/**
 * The flags of `train` that made a bundle: the same features, label, algorithm and settings on
 * other data. Throws UsageError for models that `train` does not make from labelled rows.
 */
export function recipeOf(
  bundle: Bundle,
  data: DataColumns,
  out: string,
): Exclude<Recipe, TrainerRecipe> {
  const { kind, algorithm, inputs } = bundle
  const net = NETS.find(name => algorithm.name === `network ${name}`)
  if (net !== undefined) return { algo: 'network', ...networkRecipe(bundle, net, data, out) }
  const algo = ALGORITHMS.find(name => name === algorithm.name)
  if (algo === undefined || kind === 'volatility' || inputs[0]?.features === undefined)
    throw new UsageError(
      `${bundle.name}@${bundle.version} is ${algorithm.name}, which does not learn from ` +
        'labelled rows; name what trains it in recipe.json (models/README.md, Retraining), or ' +
        'make a version by hand, then: sluice models promote',
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
  const { settings } = algorithm
  return {
    ...defaultsOf(rowFlags),
    ...defaultsOf(laterFlags),
    ...defaultsOf(tableFlags),
    ...kept(defaultsOf(fitFlags), settings),
    ...kept({ l2: undefined, patience: undefined }, settings),
    time: data.time,
    group: data.group,
    horizon: data.horizon,
    embargo: data.embargo,
    timeFormat: data.timeFormat,
    timeZone: data.timeZone,
    decimal: data.decimal ?? '.',
    algo,
    kind,
    features: inputs[0]?.features?.map(featureName),
    set: inputs[0]?.set,
    label: data.label ?? bundle.data.label,
    head: heads[0]?.name,
    prices: pricesOf(bundle),
    seed: Number(bundle.seed),
    threshold: heads[0]?.threshold ?? laterFlags.threshold.default!,
    calibrate: heads[0]?.calibration !== 'none',
    out,
    disjoint: data.group !== undefined,
    note: bundle.notes.join(' '),
    monotone: Array.isArray(settings.monotone) ? settings.monotone.map(String) : undefined,
  }
}

function networkRecipe(
  { algorithm, heads, seed, notes }: Bundle,
  net: Net,
  data: DataColumns,
  out: string,
): NetworkFlags {
  return {
    ...defaultsOf(outFlags),
    ...kept({ ...defaultsOf(networkFlags), patience: PATIENCE.epochs }, algorithm.settings),
    net,
    threads: NETWORK_THREADS,
    horizon: data.horizon,
    embargo: data.embargo,
    threshold: heads[0]?.threshold ?? laterFlags.threshold.default!,
    seed: Number(seed),
    out,
    note: notes[0],
  }
}

/** What a bundle was trained with; settings that it does not name keep the defaults of `train`. */
function kept<T extends object>(defaults: T, settings: Record<string, unknown>): T {
  const known = Object.entries(defaults).map(([name, fallback]) => {
    const value = settings[name]
    const isSetting = typeof value === (typeof fallback === 'boolean' ? 'boolean' : 'number')
    return [name, isSetting ? value : fallback]
  })
  return Object.fromEntries(known) as T
}

function pricesOf({ inputs, distribution }: Bundle): string[] | undefined {
  const names = inputs[0]?.features?.map(featureName) ?? []
  return distribution?.prices?.map(f => names[f]!).filter(name => name !== 'close')
}

/**
 * Event time of the newest row that a version was trained, stopped or calibrated on, however it
 * calls these parts: all but its test. −∞ where it does not say.
 */
export function knownUntil({ data }: Bundle): number {
  const ends = Object.entries(data.parts).flatMap(([part, { to }]) =>
    part === 'test' || to === undefined ? [] : [to],
  )
  return Math.max(Number.NEGATIVE_INFINITY, ...ends)
}
