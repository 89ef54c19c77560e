import { type Bins, MISSING } from './bins.ts'
import {
  BINS,
  clear,
  type Histogram,
  makeHistogram,
  noSplit,
  type Split,
  type SplitRules,
  scanFeature,
  type Totals,
} from './split.ts'
import { makeTreeBuilder, type Tree } from './tree.ts'

export interface GrowRules extends SplitRules {
  leaves: number
  maxDepth: number
  /** Multiplies every leaf. */
  rate: number
}

interface Leaf extends Totals {
  node: number
  depth: number
  /** Rows are order[from … to). */
  from: number
  to: number
  histogram: Histogram
  split: Split
}

/** What a grower works on for one tree. `order` is permuted so that every leaf owns a stretch of it. */
export interface Sample {
  gradient: Float64Array
  hessian: Float64Array
  order: Int32Array
  features: readonly number[]
}

export interface Grown {
  tree: Tree
  /** Stretch of `order` and output of each leaf. */
  leaves: readonly { from: number; to: number; value: number }[]
}

/**
 * Leaf-wise growth on histograms: always splits the open leaf that removes most loss; the histogram of the larger child
 * is its parent's minus its sibling's (Ke et al. 2017, LightGBM). Keeps its buffers between trees.
 */
export function makeGrower(bins: Bins, rules: GrowRules): (sample: Sample) => Grown {
  const { rows, features: width } = bins
  const rowMajor = transpose(bins)
  const spare: Histogram[] = []
  const take = (): Histogram => {
    const used = spare.pop()
    return used === undefined ? makeHistogram(width) : clear(used)
  }
  const scratch = new Int32Array(rows)

  const evaluate = (leaf: Leaf, features: readonly number[]): void => {
    leaf.split = noSplit()
    if (leaf.depth >= rules.maxDepth || leaf.n < 2 * rules.minLeaf) return
    for (const f of features)
      scanFeature(leaf.histogram, f * BINS, (bins.edges[f] as Float32Array).length + 1, f, leaf, rules, leaf.split)
  }

  const divide = (leaf: Leaf, nodes: [number, number], sample: Sample): [Leaf, Leaf] => {
    const { split } = leaf
    const middle = partition(rowMajor, width, sample.order, leaf, split, scratch)
    const right = { g: leaf.g - split.left.g, h: leaf.h - split.left.h, n: leaf.n - split.left.n }
    const at = { depth: leaf.depth + 1, histogram: leaf.histogram, split: noSplit() }
    const a: Leaf = { ...at, ...split.left, node: nodes[0], from: leaf.from, to: middle }
    const b: Leaf = { ...at, ...right, node: nodes[1], from: middle, to: leaf.to }
    const [small, large] = a.n < b.n ? [a, b] : [b, a]
    small.histogram = take()
    accumulate(small.histogram, rowMajor, width, sample, small)
    subtract(large.histogram, small.histogram)
    return [a, b]
  }

  return sample => {
    const builder = makeTreeBuilder()
    const root = rootOf(sample, take(), builder.leaf(sample.order.length))
    accumulate(root.histogram, rowMajor, width, sample, root)
    evaluate(root, sample.features)
    const open: Leaf[] = [root]
    while (open.length < rules.leaves) {
      const at = mostGain(open)
      if (at < 0) break
      const leaf = open[at] as Leaf
      const { split } = leaf
      const threshold = (bins.edges[split.feature] as Float32Array)[split.bin] ?? Number.POSITIVE_INFINITY
      const nodes = builder.split(leaf.node, { ...split, threshold }, [split.left.n, leaf.n - split.left.n])
      const [a, b] = divide(leaf, nodes, sample)
      evaluate(a, sample.features)
      evaluate(b, sample.features)
      open[at] = a
      open.push(b)
    }
    const leaves = open.map(leaf => {
      spare.push(leaf.histogram)
      const value = Math.fround((-rules.rate * leaf.g) / (leaf.h + rules.l2)) + 0
      builder.setValue(leaf.node, Number.isFinite(value) ? value : 0)
      return { from: leaf.from, to: leaf.to, value: Number.isFinite(value) ? value : 0 }
    })
    return { tree: builder.finish(), leaves }
  }
}

/** Row-major copy: one row's bins lie in one cache line, which makes accumulation about twice as fast. */
function transpose({ rows, features, data }: Bins): Uint8Array {
  const out = new Uint8Array(rows * features)
  for (let f = 0; f < features; f++) for (let i = 0; i < rows; i++) out[i * features + f] = data[f * rows + i] as number
  return out
}

function rootOf({ gradient, hessian, order }: Sample, histogram: Histogram, node: number): Leaf {
  let g = 0
  let h = 0
  for (let k = 0; k < order.length; k++) {
    const i = order[k] as number
    g += gradient[i] as number
    h += hessian[i] as number
  }
  return { g, h, n: order.length, node, depth: 0, from: 0, to: order.length, histogram, split: noSplit() }
}

function accumulate({ sums, rows }: Histogram, bins: Uint8Array, width: number, sample: Sample, leaf: Leaf): void {
  const { gradient, hessian, order } = sample
  for (let k = leaf.from; k < leaf.to; k++) {
    const i = order[k] as number
    const row = i * width
    const g = gradient[i] as number
    const h = hessian[i] as number
    for (let f = 0; f < width; f++) {
      const cell = f * BINS + (bins[row + f] as number)
      const at = 2 * cell
      sums[at] = (sums[at] as number) + g
      sums[at + 1] = (sums[at + 1] as number) + h
      rows[cell] = (rows[cell] as number) + 1
    }
  }
}

function subtract(from: Histogram, what: Histogram): void {
  for (let k = 0; k < from.sums.length; k++) from.sums[k] = (from.sums[k] as number) - (what.sums[k] as number)
  for (let k = 0; k < from.rows.length; k++) from.rows[k] = (from.rows[k] as number) - (what.rows[k] as number)
}

/** Moves the rows that go left to the front of the leaf's stretch, both halves in their old order. */
function partition(
  bins: Uint8Array,
  width: number,
  order: Int32Array,
  leaf: Leaf,
  split: Split,
  scratch: Int32Array,
): number {
  let left = leaf.from
  let right = 0
  for (let k = leaf.from; k < leaf.to; k++) {
    const i = order[k] as number
    const bin = bins[i * width + split.feature] as number
    if (bin === MISSING ? split.missingLeft : bin <= split.bin) order[left++] = i
    else scratch[right++] = i
  }
  order.set(scratch.subarray(0, right), left)
  return left
}

function mostGain(open: readonly Leaf[]): number {
  let best = -1
  let gain = 0
  open.forEach((leaf, k) => {
    if (leaf.split.feature >= 0 && leaf.split.gain > gain) {
      gain = leaf.split.gain
      best = k
    }
  })
  return best
}
