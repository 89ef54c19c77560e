import { MISSING } from './bins.ts'
import { bestFound, DO, type FoundSplit, type GrowMemory, LEAF, LEAVES_AT } from './grow-memory.ts'
import type { GrowThreads } from './grow-threads.ts'
import { makeTreeBuilder, type Tree, type TreeBuilder } from './tree.ts'
import { outputOf, type SplitRules, type Totals } from './tree-split.ts'

export interface GrowRules extends SplitRules {
  leaves: number
  maxDepth: number
  maxBins: number
  /** Multiplies every leaf. */
  rate: number
  /** Per feature +1 rising, −1 falling, 0 free; absent when all are free. */
  monotone?: readonly number[] | undefined
}

interface Leaf extends Totals {
  node: number
  depth: number
  /** Rows are order[from … to). */
  from: number
  to: number
  /** Outputs allowed below a monotone cut. */
  low: number
  high: number
  /** Number of its histogram in every thread. */
  slot: number
  split: FoundSplit
}

interface Grown {
  tree: Tree
  /** Stretch of `order` and output of each leaf. */
  leaves: readonly { from: number; to: number; value: number }[]
}

/**
 * Leaf-wise growth on histograms: always splits the open leaf that removes most loss; the histogram
 * of the larger child is its parent's minus its sibling's (Ke et al. 2017, LightGBM). Gradients,
 * the `rows` first of `order` and the features to use are in the memory of the threads.
 */
export function makeGrower(
  { memory, step }: GrowThreads,
  rules: GrowRules,
): (rows: number) => Grown {
  const scratch = new Int32Array(memory.rows)

  const divide = (leaf: Leaf, builder: TreeBuilder, slot: number): [Leaf, Leaf] => {
    const [a, b] = childrenOf(leaf, memory, rules, builder, scratch)
    const [small, large] = a.n < b.n ? [a, b] : [b, a]
    small.slot = slot
    order(memory, [DO.divide, leaf.slot, slot, small.from, small.to], [small, large], rules)
    step()
    small.split = bestFound(memory, 0)
    large.split = bestFound(memory, 1)
    return [a, b]
  }

  return rows => {
    const builder = makeTreeBuilder()
    const root = rootOf(memory, rows, builder.leaf(rows))
    order(memory, [DO.root, root.slot, root.slot, 0, rows], [root, root], rules)
    step()
    root.split = bestFound(memory, 0)
    const open: Leaf[] = [root]
    while (open.length < rules.leaves) {
      const at = mostGain(open)
      if (at < 0) break
      const [a, b] = divide(open[at]!, builder, open.length)
      open[at] = a
      open.push(b)
    }
    const leaves = open.map(leaf => {
      const value = Math.fround(rules.rate * outputOf(leaf.g, leaf.h, rules.l2, leaf)) + 0
      builder.setValue(leaf.node, Number.isFinite(value) ? value : 0)
      return { from: leaf.from, to: leaf.to, value: Number.isFinite(value) ? value : 0 }
    })
    return { tree: builder.finish(), leaves }
  }
}

function order(
  { command }: GrowMemory,
  action: number[],
  leaves: readonly Leaf[],
  rules: GrowRules,
): void {
  command.set(action)
  leaves.forEach(({ g, h, n, low, high, depth }, k) => {
    const mayGrow = depth < rules.maxDepth && n >= 2 * rules.minLeaf
    command.set([g, h, n, low, high, mayGrow ? 1 : 0], LEAVES_AT + k * LEAF)
  })
}

function childrenOf(
  leaf: Leaf,
  memory: GrowMemory,
  rules: GrowRules,
  builder: TreeBuilder,
  scratch: Int32Array,
): [Leaf, Leaf] {
  const { split } = leaf
  const middle = partition(memory, leaf, scratch)
  const right = { g: leaf.g - split.left.g, h: leaf.h - split.left.h, n: leaf.n - split.left.n }
  const [leftNode, rightNode] = builder.split(leaf.node, split, [split.left.n, right.n])
  const [under, over] = limitsBelow(leaf, right, rules)
  const at = { depth: leaf.depth + 1, slot: leaf.slot, split }
  return [
    { ...at, ...split.left, ...under, node: leftNode, from: leaf.from, to: middle },
    { ...at, ...right, ...over, node: rightNode, from: middle, to: leaf.to },
  ]
}

/**
 * Under a monotone cut no leaf of one side may pass the middle of the two outputs: all below then
 * keep the order.
 */
function limitsBelow(leaf: Leaf, right: Totals, { monotone, l2 }: GrowRules) {
  const { low, high, split } = leaf
  const way = monotone?.[split.feature] ?? 0
  const free = { low, high }
  if (way === 0) return [free, free] as const
  const middle =
    (outputOf(split.left.g, split.left.h, l2, free) + outputOf(right.g, right.h, l2, free)) / 2
  const [below, above] = [
    { low, high: middle },
    { low: middle, high },
  ]
  return way > 0 ? ([below, above] as const) : ([above, below] as const)
}

const NO_SPLIT: FoundSplit = {
  gain: 0,
  feature: -1,
  bin: 0,
  missingLeft: false,
  threshold: 0,
  left: { g: 0, h: 0, n: 0 },
}

function rootOf({ gradient, hessian, order: rows }: GrowMemory, count: number, node: number): Leaf {
  let g = 0
  let h = 0
  for (let k = 0; k < count; k++) {
    const i = rows[k]!
    g += gradient[i]!
    h += hessian[i]!
  }
  const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  return { g, h, n: count, low, high, node, depth: 0, from: 0, to: count, slot: 0, split: NO_SPLIT }
}

/**
 * Moves the rows that go left to the front of the leaf's stretch, both halves in their old order.
 */
function partition(
  { starts, bins: blocks, order: rows }: GrowMemory,
  leaf: Leaf,
  scratch: Int32Array,
): number {
  const { split } = leaf
  const rank = starts.findLastIndex((from, r) => r < blocks.length && from <= split.feature)
  const bins = blocks[rank]!
  const first = starts[rank]!
  const width = starts[rank + 1]! - first
  const column = split.feature - first
  let left = leaf.from
  let right = 0
  for (let k = leaf.from; k < leaf.to; k++) {
    const i = rows[k]!
    const bin = bins[i * width + column]!
    if (bin === MISSING ? split.missingLeft : bin <= split.bin) rows[left++] = i
    else scratch[right++] = i
  }
  rows.set(scratch.subarray(0, right), left)
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
