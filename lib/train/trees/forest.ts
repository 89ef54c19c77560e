import { makeRng, type Rng } from '../../rng.ts'
import { shuffle } from '../sample.ts'
import { checkTable, type Table } from '../table.ts'
import { type Bins, MISSING, makeBins } from './bins.ts'
import type { Labelled } from './boost.ts'
import type { Ensemble } from './ensemble.ts'
import { clear, type Histogram, makeHistogram, noSplit, type Split, scanFeature, type Totals } from './split.ts'
import { leafOf, makeTreeBuilder, type Tree } from './tree.ts'

export interface ForestOptions {
  trees?: number
  /** Features tried per node; default √F for a 0/1 label, F/3 for a number. */
  tried?: number
  /** Rows a leaf keeps at least. 20 keeps the file small; 1 gives classic fully grown trees. */
  minLeaf?: number
  maxDepth?: number
  maxBins?: number
  /** `share` for a 0/1 label (leaf = share of ones), `mean` for a number. */
  objective?: 'share' | 'mean'
  seed?: string | number
}

export interface Forest {
  ensemble: Ensemble
  /** Mean of the trees that did not see the row; NaN where every tree saw it. */
  outOfBag: Float64Array
}

/**
 * Random forest (Breiman 2001): each tree on a bootstrap sample, the best of a few random features per node. Splitting
 * on Σy²/n is Gini impurity for a 0/1 label and variance for a number. Throws DataError as trainBoost does.
 */
export function trainForest(train: Labelled, options: ForestOptions = {}): Forest {
  checkTable(train.table, train.label)
  const { trees = 100, objective = 'share', seed = 1, minLeaf = 20, maxDepth = 64 } = options
  const { rows, columns } = train.table
  const width = columns.length
  const tried = options.tried ?? Math.max(1, Math.round(objective === 'share' ? Math.sqrt(width) : width / 3))
  const bins = makeBins(train.table, options.maxBins)
  const grow = makeForestGrower(bins, train, { minLeaf, maxDepth, tried: Math.min(tried, width) })
  const rng = makeRng(`forest/${seed}`)
  const sums = new Float64Array(rows)
  const votes = new Int32Array(rows)
  const grown: Tree[] = []
  for (let t = 0; t < trees; t++) {
    const drawn = new Uint8Array(rows)
    const order = new Int32Array(rows)
    for (let k = 0; k < rows; k++) drawn[(order[k] = rng.below(rows))] = 1
    const tree = grow(order, rng)
    addUnseen(tree, train.table, drawn, sums, votes)
    grown.push(scaled(tree, trees))
  }
  const outOfBag = sums.map((sum, i) => ((votes[i] as number) > 0 ? sum / (votes[i] as number) : Number.NaN))
  const link = objective === 'share' ? 'share' : 'identity'
  return { ensemble: { trees: grown, base: Float32Array.of(0), link }, outOfBag }
}

/** The ensemble sums, a forest averages: each leaf carries its part of the mean. */
const scaled = (tree: Tree, trees: number): Tree => ({ ...tree, value: tree.value.map(value => value / trees) })

function addUnseen(tree: Tree, table: Table, drawn: Uint8Array, sums: Float64Array, votes: Int32Array): void {
  for (let i = 0; i < table.rows; i++) {
    if (drawn[i] === 1) continue
    sums[i] = (sums[i] as number) + (tree.value[leafOf(tree, table.columns, i)] as number)
    votes[i] = (votes[i] as number) + 1
  }
}

interface Open {
  node: number
  from: number
  to: number
  depth: number
}

interface ForestRules {
  minLeaf: number
  maxDepth: number
  tried: number
}

function makeForestGrower(bins: Bins, train: Labelled, rules: ForestRules): (order: Int32Array, rng: Rng) => Tree {
  const scratch = new Int32Array(bins.rows)
  const histogram = makeHistogram(1)
  const features = Array.from({ length: bins.features }, (_, f) => f)
  const limits = { minLeaf: rules.minLeaf, minHessian: 0, l2: 0 }

  const bestOf = (order: Int32Array, at: Open, total: Totals, rng: Rng): Split => {
    const best = noSplit()
    let tried = 0
    shuffle(features, rng)
    for (const f of features) {
      const top = fill(histogram, bins, train, f, order, at)
      if (top < 0) continue
      scanFeature(histogram, 0, top + 1, f, total, limits, best)
      if (++tried >= rules.tried) break
    }
    return best
  }

  return (order, rng) => {
    const builder = makeTreeBuilder()
    const open: Open[] = [{ node: builder.leaf(order.length), from: 0, to: order.length, depth: 0 }]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const total = totalOf(train, order, at)
      const mayGrow = at.depth < rules.maxDepth && at.to - at.from >= 2 * rules.minLeaf && !isPure(train, order, at)
      const split = mayGrow ? bestOf(order, at, total, rng) : noSplit()
      if (split.feature < 0) {
        builder.setValue(at.node, total.h > 0 ? -total.g / total.h + 0 : 0)
        continue
      }
      const threshold = (bins.edges[split.feature] as Float32Array)[split.bin] ?? Number.POSITIVE_INFINITY
      const middle = divide(bins, order, at, split, scratch)
      const covers = [middle - at.from, at.to - middle] as const
      const [left, right] = builder.split(at.node, { ...split, threshold }, covers)
      open.push({ node: left, from: at.from, to: middle, depth: at.depth + 1 })
      open.push({ node: right, from: middle, to: at.to, depth: at.depth + 1 })
    }
    return builder.finish()
  }
}

const weightOf = (train: Labelled, row: number): number => train.weight?.[row] ?? 1

/** g = −Σwy, h = Σw: with these the boosting gain is the impurity decrease and −g/h the mean. */
function totalOf(train: Labelled, order: Int32Array, at: Open): Totals {
  let g = 0
  let h = 0
  for (let k = at.from; k < at.to; k++) {
    const i = order[k] as number
    const w = weightOf(train, i)
    g -= w * (train.label[i] as number)
    h += w
  }
  return { g, h, n: at.to - at.from }
}

function isPure({ label }: Labelled, order: Int32Array, at: Open): boolean {
  const first = label[order[at.from] as number]
  for (let k = at.from + 1; k < at.to; k++) if (label[order[k] as number] !== first) return false
  return true
}

/** Histogram of one feature; returns its highest used bin of known values, or −1 when the node has one value only. */
function fill(histogram: Histogram, bins: Bins, train: Labelled, f: number, order: Int32Array, at: Open): number {
  const { sums, rows } = clear(histogram)
  const column = f * bins.rows
  let top = -1
  let low = MISSING
  for (let k = at.from; k < at.to; k++) {
    const i = order[k] as number
    const bin = bins.data[column + i] as number
    const w = weightOf(train, i)
    sums[2 * bin] = (sums[2 * bin] as number) - w * (train.label[i] as number)
    sums[2 * bin + 1] = (sums[2 * bin + 1] as number) + w
    rows[bin] = (rows[bin] as number) + 1
    if (bin < low) low = bin
    if (bin > top && bin !== MISSING) top = bin
  }
  const hasMissing = (rows[MISSING] as number) > 0
  return low === top && !hasMissing ? -1 : top
}

function divide(bins: Bins, order: Int32Array, at: Open, split: Split, scratch: Int32Array): number {
  const column = split.feature * bins.rows
  let left = at.from
  let right = 0
  for (let k = at.from; k < at.to; k++) {
    const i = order[k] as number
    const bin = bins.data[column + i] as number
    if (bin === MISSING ? split.missingLeft : bin <= split.bin) order[left++] = i
    else scratch[right++] = i
  }
  order.set(scratch.subarray(0, right), left)
  return left
}
