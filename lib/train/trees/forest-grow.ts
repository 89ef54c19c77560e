import type { Rng } from '../../base/rng.ts'
import { shuffle } from '../../maths/sample.ts'
import { type Bins, MISSING } from './bins.ts'
import { classSearch } from './forest-classes.ts'
import { makeTreeBuilder, type Tree } from './tree.ts'
import { clear, makeHistogram, noSplit, type Split, scanFeature } from './tree-split.ts'

export interface ForestRules {
  minLeaf: number
  maxDepth: number
  tried: number
  /** Numbers per leaf: 1, or a share per class. */
  outputs: number
}

/** Labels and weights of the rows. */
export interface Targets {
  label: Float64Array
  weight?: Float64Array | undefined
}

/** A node that waits to be split: its rows are order[from … to). */
interface Open {
  node: number
  from: number
  to: number
  depth: number
}

/** What is split on: impurity of a number, or of classes. */
export interface Search {
  /** Sums up the rows of a node; the other two work on that. */
  enter(order: Int32Array, at: Open): void
  /** Improves `best` with the cuts of a feature; false when all rows of the node have one value. */
  tryFeature(f: number, order: Int32Array, at: Open, best: Split): boolean
  /** Numbers of the node as a leaf. */
  outputs(): number[]
}

/**
 * Grows a tree on the given rows, as one tree per output with the same splits. `order` is permuted.
 */
export function makeForestGrower(
  bins: Bins,
  targets: Targets,
  rules: ForestRules,
): (order: Int32Array, rng: Rng) => Tree[] {
  const scratch = new Int32Array(bins.rows)
  const search =
    rules.outputs > 1 ? classSearch(bins, targets, rules) : meanSearch(bins, targets, rules)

  const bestOf = (order: Int32Array, at: Open, rng: Rng): Split => {
    const best = noSplit()
    let tried = 0
    // Of each tree its own order, whatever the trees before it did to theirs.
    const features = Array.from({ length: bins.features }, (_, f) => f)
    for (const f of shuffle(features, rng)) {
      if (search.tryFeature(f, order, at, best) && ++tried >= rules.tried) break
    }
    return best
  }

  return (order, rng) => {
    const builder = makeTreeBuilder()
    const values: number[][] = []
    const open: Open[] = [{ node: builder.leaf(order.length), from: 0, to: order.length, depth: 0 }]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      search.enter(order, at)
      const rows = at.to - at.from
      const mayGrow =
        at.depth < rules.maxDepth && rows >= 2 * rules.minLeaf && !isPure(targets, order, at)
      const split = mayGrow ? bestOf(order, at, rng) : noSplit()
      if (split.feature < 0) {
        values[at.node] = search.outputs()
        continue
      }
      const threshold = bins.edges[split.feature]![split.bin] ?? Number.POSITIVE_INFINITY
      const middle = divide(bins, order, at, split, scratch)
      const covers = [middle - at.from, at.to - middle] as const
      const [left, right] = builder.split(at.node, { ...split, threshold }, covers)
      open.push({ node: left, from: at.from, to: middle, depth: at.depth + 1 })
      open.push({ node: right, from: middle, to: at.to, depth: at.depth + 1 })
    }
    const tree = builder.finish()
    return Array.from({ length: rules.outputs }, (_, k) => ({
      ...tree,
      value: Float32Array.from(tree.feature, (_at, node) => values[node]?.[k] ?? 0),
    }))
  }
}

/** g = −Σwy, h = Σw: with these the boosting gain is the impurity decrease and −g/h the mean. */
function meanSearch(bins: Bins, { label, weight }: Targets, { minLeaf }: ForestRules): Search {
  const histogram = makeHistogram(1)
  const limits = { minLeaf, minHessian: 0, l2: 0 }
  const total = { g: 0, h: 0, n: 0 }
  const weightOf = (row: number): number => weight?.[row] ?? 1
  return {
    enter(order, at) {
      ;[total.g, total.h, total.n] = [0, 0, at.to - at.from]
      for (let k = at.from; k < at.to; k++) {
        const i = order[k]!
        const w = weightOf(i)
        total.g -= w * label[i]!
        total.h += w
      }
    },
    tryFeature(f, order, at, best) {
      const { sums, rows } = clear(histogram)
      const column = f * bins.rows
      let top = -1
      let low = MISSING
      for (let k = at.from; k < at.to; k++) {
        const i = order[k]!
        const bin = bins.data[column + i]!
        const w = weightOf(i)
        sums[2 * bin] = sums[2 * bin]! - w * label[i]!
        sums[2 * bin + 1] = sums[2 * bin + 1]! + w
        rows[bin] = rows[bin]! + 1
        if (bin < low) low = bin
        if (bin > top && bin !== MISSING) top = bin
      }
      if (top < 0 || (low === top && rows[MISSING] === 0)) return false
      scanFeature(
        { histogram, from: 0, cells: top + 1, feature: f },
        { total, rules: limits },
        best,
      )
      return true
    },
    outputs: () => [total.h > 0 ? -total.g / total.h + 0 : 0],
  }
}

function isPure({ label }: Targets, order: Int32Array, at: Open): boolean {
  const first = label[order[at.from]!]
  for (let k = at.from + 1; k < at.to; k++) if (label[order[k]!] !== first) return false
  return true
}

function divide(
  bins: Bins,
  order: Int32Array,
  at: Open,
  split: Split,
  scratch: Int32Array,
): number {
  const column = split.feature * bins.rows
  let left = at.from
  let right = 0
  for (let k = at.from; k < at.to; k++) {
    const i = order[k]!
    const bin = bins.data[column + i]!
    if (bin === MISSING ? split.missingLeft : bin <= split.bin) order[left++] = i
    else scratch[right++] = i
  }
  order.set(scratch.subarray(0, right), left)
  return left
}
