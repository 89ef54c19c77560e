import { DataError } from '../../base/errors.ts'
import type { Values } from '../../base/flags.ts'
import { makeRng, type Rng } from '../../base/rng.ts'
import { choose, range } from '../../maths/sample.ts'
import { checkClasses, checkTable, type Table } from '../../table/table.ts'
import type { fitFlags } from '../train-flags.ts'
import { MAX_BINS } from './bins.ts'
import type { Ensemble } from './ensemble.ts'
import { type GrowRules, makeGrower } from './grow.ts'
import { makeGrowThreads } from './grow-threads.ts'
import type { Helpers } from './helper-threads.ts'
import { addTree, type Tree } from './tree.ts'
import { binaryLoss, type Loss, type Objective, softmaxLoss, squaredLoss } from './tree-loss.ts'

/** Rows with labels: 0/1 for binary, class numbers for multiclass. Weights default to 1. */
export interface Labelled {
  table: Table
  label: Float64Array
  weight?: Float64Array
}

type Asked = 'rounds' | 'leaves' | 'rate' | 'minLeaf' | 'rowShare' | 'featureShare'

/** Shares of rows and features are drawn per tree, without replacement. */
export interface BoostOptions extends Partial<Pick<Values<typeof fitFlags>, Asked>> {
  objective: Objective
  /** Number of classes; only for multiclass. */
  classes?: number
  minHessian?: number
  l2?: number
  maxDepth?: number
  maxBins?: number
  seed?: string | number
  /**
   * A slice later in time; training stops when its loss has not fallen for `patience` rounds, and
   * keeps the best round.
   */
  valid?: Labelled
  patience?: number
  /**
   * Per feature +1 where the score may only rise with it, −1 where it may only fall, 0 where it is
   * free.
   */
  monotone?: readonly number[] | undefined
  /**
   * Called after every round, with the loss on the validation slice; returning false ends training
   * there.
   */
  onRound?(round: number, validLoss: number | undefined): boolean | undefined
}

export interface Boosted {
  ensemble: Ensemble
  /** Rounds kept. */
  rounds: number
  /** Loss per round on the validation slice, when there is one. */
  validLoss: readonly number[]
}

const LINK = { binary: 'sigmoid', multiclass: 'softmax', regression: 'identity' } as const
const DEFAULTS = {
  rounds: 100,
  leaves: 31,
  rate: 0.1,
  minLeaf: 20,
  minHessian: 1e-3,
  l2: 0,
  maxDepth: 64,
  maxBins: 255,
  rowShare: 1,
  featureShare: 1,
  seed: 1,
  patience: 10,
  monotone: undefined as readonly number[] | undefined,
}

/**
 * Gradient boosting of histogram trees (defaults of LightGBM and scikit-learn's
 * HistGradientBoosting: 100 rounds, 31 leaves, rate 0.1, 20 rows a leaf, 255 bins). Same data and
 * seed, same trees, with or without helper threads. Throws DataError for tables without rows or
 * columns, labels that are not numbers, a label with one class only, and monotone constraints on
 * classes.
 */
export function trainBoost(train: Labelled, options: BoostOptions, helpers?: Helpers): Boosted {
  checkTable(train.table, train.label)
  if (options.objective === 'multiclass' && options.monotone?.some(way => way !== 0))
    throw new DataError(
      'a monotone constraint needs a 0/1 label or a number: of classes one falls where ' +
        'another rises',
    )
  const settings = { ...DEFAULTS, ...options }
  const { table } = train
  const base = baseOf(train, options)
  const loss = lossOf(train, options.objective, base)
  const rng = makeRng(`boost/${settings.seed}`)
  const raw = columnsOf(base, table.rows)
  const watch =
    options.valid === undefined ? undefined : makeWatch(options.valid, options.objective, base)
  const rules = growRules(settings)
  const threads = makeGrowThreads(table, rules, helpers)
  const { gradient, hessian, order, isUsed } = threads.memory
  const grow = makeGrower(threads, rules)
  const trees: Tree[] = []

  for (let round = 0; round < settings.rounds; round++) {
    const rows = sampleOf(table.rows, settings.rowShare, rng)
    isUsed.fill(0)
    for (const f of sampleOf(table.columns.length, settings.featureShare, rng)) isUsed[f] = 1
    const frozen = loss.outputs > 1 ? raw.map(column => Float64Array.from(column)) : raw
    for (let k = 0; k < loss.outputs; k++) {
      loss.gradients(frozen, k, gradient, hessian)
      order.set(rows)
      const { tree, leaves } = grow(rows.length)
      trees.push(tree)
      const column = raw[k]!
      if (rows.length < table.rows) addTree(tree, table, column)
      else addLeaves(column, order, leaves)
    }
    watch?.add(trees.slice(-loss.outputs))
    if (options.onRound?.(round, watch?.losses.at(-1)) === false) break
    if (watch !== undefined && round - watch.best() >= settings.patience) break
  }
  threads.end()
  const rounds = watch === undefined ? trees.length / loss.outputs : watch.best() + 1
  const kept = trees.slice(0, rounds * loss.outputs)
  return {
    ensemble: { trees: kept, base: Float32Array.from(base), link: LINK[options.objective] },
    rounds,
    validLoss: watch?.losses ?? [],
  }
}

const growRules = (s: Omit<typeof DEFAULTS, 'seed'>): GrowRules => ({
  leaves: s.leaves,
  maxDepth: s.maxDepth,
  maxBins: Math.min(s.maxBins, MAX_BINS),
  monotone: s.monotone?.some(way => way !== 0) ? s.monotone : undefined,
  rate: s.rate,
  minLeaf: s.minLeaf,
  minHessian: s.minHessian,
  l2: s.l2,
})

const columnsOf = (base: Float64Array, rows: number): Float64Array[] =>
  Array.from(base, value => new Float64Array(rows).fill(value))

function sampleOf(n: number, share: number, rng: Rng): Int32Array {
  return share >= 1 ? range(n) : choose(n, Math.max(1, Math.round(n * share)), rng)
}

function addLeaves(
  column: Float64Array,
  order: Int32Array,
  leaves: readonly { from: number; to: number; value: number }[],
): void {
  for (const { from, to, value } of leaves) {
    for (let k = from; k < to; k++) {
      const i = order[k]!
      column[i] = column[i]! + value
    }
  }
}

interface Watch {
  losses: number[]
  add(trees: readonly Tree[]): void
  /** Round with the lowest loss so far. */
  best(): number
}

function makeWatch(valid: Labelled, objective: Objective, base: Float64Array): Watch {
  checkTable(valid.table, valid.label)
  const loss = lossOf(valid, objective, base)
  const raw = columnsOf(base, valid.table.rows)
  const losses: number[] = []
  let best = 0
  return {
    losses,
    add(trees) {
      trees.forEach((tree, k) => {
        addTree(tree, valid.table, raw[k]!)
      })
      losses.push(loss.mean(raw))
      if (losses.at(-1)! < losses[best]!) best = losses.length - 1
    },
    best: () => best,
  }
}

function lossOf({ label, weight }: Labelled, objective: Objective, base: Float64Array): Loss {
  if (objective === 'binary') return binaryLoss(label, weight, base[0]!)
  if (objective === 'regression') return squaredLoss(label, weight, base[0]!)
  return softmaxLoss(label, weight, base)
}

/** Best constant scores, rounded to float32 as the exported graph holds them. */
function baseOf(train: Labelled, { objective, classes = 0 }: BoostOptions): Float64Array {
  const share = (k: number): number => weightedShare(train, value => (value === k ? 1 : 0))
  if (objective === 'regression')
    return Float64Array.of(Math.fround(weightedShare(train, value => value)))
  if (objective === 'binary') {
    checkClasses(train.label, 2)
    const p = share(1)
    if (!(p > 0 && p < 1))
      throw new DataError('the weights leave one class only', { field: 'weight' })
    return Float64Array.of(Math.fround(Math.log(p / (1 - p))))
  }
  checkClasses(train.label, classes)
  const shares = Array.from({ length: classes }, (_, k) => share(k))
  return Float64Array.from(shares, p => Math.fround(Math.log(Math.max(p, 1e-6))))
}

function weightedShare({ label, weight }: Labelled, of: (value: number) => number): number {
  let sum = 0
  let total = 0
  for (let i = 0; i < label.length; i++) {
    const w = weight?.[i] ?? 1
    sum += w * of(label[i]!)
    total += w
  }
  return sum / total
}
