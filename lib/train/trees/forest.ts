import { defaultsOf, type Values } from '../../base/flags.ts'
import { makeRng } from '../../base/rng.ts'
import { checkClasses, checkTable, type Table } from '../../table/table.ts'
import { fitFlags } from '../train-flags.ts'
import { makeBins } from './bins.ts'
import type { Labelled } from './boost.ts'
import type { Ensemble } from './ensemble.ts'
import { type ForestRules, makeForestGrower } from './forest-grow.ts'
import type { Helpers } from './helper-threads.ts'
import { leafOf, type Tree } from './tree.ts'

/** Fewer rows per leaf make a larger file: 20 keep it small, 1 gives classic fully grown trees. */
interface ForestOptions extends Partial<Pick<Values<typeof fitFlags>, 'trees' | 'minLeaf'>> {
  /** Features tried per node; default √F for classes, F/3 for a number. */
  tried?: number
  maxDepth?: number
  maxBins?: number
  /**
   * `share` for a 0/1 label (leaf = share of ones), `classes` for class numbers (shares of each),
   * `mean` for a number.
   */
  objective?: 'share' | 'classes' | 'mean'
  /** Number of classes; only for `classes`. */
  classes?: number
  seed?: string | number
  /** Called by the first thread with how many trees all have made. */
  onTree?(made: number): void
}

interface Forest {
  ensemble: Ensemble
  /** Per output: mean of the trees that did not see the row; NaN where every tree saw it. */
  outOfBag: Float64Array[]
}

/** What every thread needs to grow its part of the trees. */
export interface ForestShare {
  bins: Parameters<typeof makeForestGrower>[0]
  label: Float64Array
  weight?: Float64Array | undefined
  rules: ForestRules
  trees: number
  threads: number
  seed: string | number
}

/**
 * Random forest (Breiman 2001): each tree on a bootstrap sample, the best of a few random features
 * per node. Splitting on Σy²/n is Gini impurity for classes and variance for a number. Chance is
 * drawn per tree, so threads do not change it. Throws DataError for tables that cannot be trained
 * on.
 */
export function trainForest(
  train: Labelled,
  options: ForestOptions = {},
  helpers?: Helpers,
): Forest {
  checkTable(train.table, train.label)
  const { objective = 'share', seed = 1, maxDepth = 64 } = options
  const { trees, minLeaf } = { ...defaultsOf(fitFlags), ...options }
  if (objective !== 'mean')
    checkClasses(train.label, objective === 'share' ? 2 : (options.classes ?? 2))
  const width = train.table.columns.length
  const tried =
    options.tried ?? Math.max(1, Math.round(objective === 'mean' ? width / 3 : Math.sqrt(width)))
  const outputs = objective === 'classes' ? (options.classes ?? 2) : 1
  const rules = { minLeaf, maxDepth, tried: Math.min(tried, width), outputs }
  const threads = Math.min(1 + (helpers?.size ?? 0), trees)
  const { label, weight } = train
  const share = {
    bins: makeBins(train.table, options.maxBins),
    label,
    weight,
    rules,
    trees,
    threads,
    seed,
  }
  const progress = new Int32Array(new SharedArrayBuffer(4))
  for (let rank = 1; rank < threads; rank++)
    helpers?.send(rank, { type: 'forest', share, rank, progress })
  const parts = [growShare(share, 0, progress, options.onTree)]
  for (let rank = 1; rank < threads; rank++) parts.push(helpers!.receive(rank).trees)
  const grown = Array.from(
    { length: trees },
    (_, t) => parts[t % threads]![Math.floor(t / threads)]!,
  )
  const outOfBag = unseenMeans(grown, train.table, seed, outputs)
  const link = objective === 'mean' ? 'identity' : 'share'
  const scaled = grown.flatMap(tree => tree.map(each => scaledBy(each, trees)))
  return { ensemble: { trees: scaled, base: new Float32Array(outputs), link }, outOfBag }
}

/** The trees rank, rank + threads, … with one entry per output each. */
export function growShare(
  { bins, label, weight, rules, trees, threads, seed }: ForestShare,
  rank: number,
  progress: Int32Array,
  onTree?: (made: number) => void,
): Tree[][] {
  const grow = makeForestGrower(bins, { label, weight }, rules)
  const grown: Tree[][] = []
  for (let t = rank; t < trees; t += threads) {
    const rng = makeRng(`forest/${seed}/${t}`)
    grown.push(grow(drawRows(bins.rows, rng), rng))
    const before = Atomics.add(progress, 0, 1)
    onTree?.(before + 1)
  }
  return grown
}

/** The bootstrap sample of a tree. */
const drawRows = (rows: number, rng: ReturnType<typeof makeRng>): Int32Array => {
  const drawn = new Int32Array(rows)
  for (let k = 0; k < rows; k++) drawn[k] = rng.below(rows)
  return drawn
}

/** The ensemble sums, a forest averages: each leaf carries its part of the mean. */
const scaledBy = (tree: Tree, trees: number): Tree => ({
  ...tree,
  value: tree.value.map(value => value / trees),
})

function unseenMeans(
  grown: readonly Tree[][],
  table: Table,
  seed: string | number,
  outputs: number,
): Float64Array[] {
  const { rows, columns } = table
  const sums = Array.from({ length: outputs }, () => new Float64Array(rows))
  const votes = new Int32Array(rows)
  grown.forEach((tree, t) => {
    const isDrawn = new Uint8Array(rows)
    for (const i of drawRows(rows, makeRng(`forest/${seed}/${t}`))) isDrawn[i] = 1
    for (let i = 0; i < rows; i++) {
      if (isDrawn[i] === 1) continue
      const leaf = leafOf(tree[0]!, columns, i)
      for (let k = 0; k < outputs; k++) sums[k]![i] = sums[k]![i]! + tree[k]!.value[leaf]!
      votes[i] = votes[i]! + 1
    }
  })
  return sums.map(column => column.map((sum, i) => (votes[i]! > 0 ? sum / votes[i]! : Number.NaN)))
}
