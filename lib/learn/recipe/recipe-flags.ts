import { defaultsOf, milliseconds } from '../../base/flags.ts'
import {
  fitFlags,
  laterFlags,
  NETWORK_THREADS,
  networkFlags,
  outFlags,
  PATIENCE,
  rowFlags,
  tableFlags,
} from '../../train/train-flags.ts'
import { headOf, type ModelRecipe } from './model-recipe.ts'
import type { Recipe } from './recipe.ts'

/** Time between two runs of collect.sh: a snapshot of a pool comes no more often. */
const SNAPSHOT_MS = 300_000

/**
 * How long after its row the label of a horizon is known, in ms: nN after N snapshots. A path is
 * quoted again after seconds.
 */
export function horizonMs(horizon: string | undefined): number {
  if (horizon === undefined || horizon === 'path') return 0
  const [, unit, count] = /^([mhdn])(\d+)$/.exec(horizon) as unknown as [string, string, string]
  return unit === 'n' ? Number(count) * SNAPSHOT_MS : milliseconds(`${count}${unit}`)
}

/** The longest horizon of a recipe. */
const longestMs = ({ horizons }: ModelRecipe): number =>
  horizons.reduce((longest, horizon) => Math.max(longest, horizonMs(horizon)), 0)

/**
 * A recipe as flags of `train` for an export; `garch` has flags of its own. A command of somebody
 * else is handed over as such.
 */
export function flagsOf(recipe: ModelRecipe, out: string): Recipe {
  const { kind, algo, label, set, features, parameters, trainer } = recipe
  const horizon = longestMs(recipe)
  const rows = { time: undefined, group: undefined, horizon, embargo: 0 }
  if (trainer !== undefined) return { ...rows, algo: 'trainer', command: trainer.trim(), label }
  if (algo === 'network')
    return {
      ...defaultsOf(outFlags),
      ...defaultsOf(laterFlags),
      ...defaultsOf(networkFlags),
      patience: PATIENCE.epochs,
      threads: NETWORK_THREADS,
      net: kind === 'price' ? 'price' : 'sequence',
      ...parameters,
      algo,
      horizon,
      out,
    }
  if (algo === 'garch' || kind === 'volatility')
    throw new Error(`${recipe.name}: closes are no labelled rows`)
  return {
    ...defaultsOf(outFlags),
    ...defaultsOf(rowFlags),
    ...defaultsOf(laterFlags),
    ...defaultsOf(tableFlags),
    ...defaultsOf(fitFlags),
    ...parameters,
    ...rows,
    kind,
    algo,
    label: label!,
    head: headOf(kind, label!),
    set,
    features,
    out,
    disjoint: true,
  }
}
