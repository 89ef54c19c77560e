import { type Bins, MISSING } from './bins.ts'
import type { ForestRules, Search, Targets } from './forest-grow.ts'
import { BINS, type Split } from './tree-split.ts'

/** Weights of the classes of one feature, per bin. */
interface Cells {
  weight: Float64Array
  rows: Int32Array
}

/**
 * Splits on Gini impurity of K classes (Breiman et al. 1984): gain = Σ_k L_k²/L + Σ_k R_k²/R − Σ_k
 * T_k²/T, with the weights of class k left, right and in the node. Unknown values are tried on both
 * sides.
 */
export function classSearch(
  bins: Bins,
  { label, weight }: Targets,
  { minLeaf, outputs }: ForestRules,
): Search {
  const cells: Cells = { weight: new Float64Array(BINS * outputs), rows: new Int32Array(BINS) }
  const total = new Float64Array(outputs)
  return {
    enter(order, at) {
      total.fill(0)
      for (let k = at.from; k < at.to; k++) {
        const i = order[k]!
        const y = label[i]!
        total[y] = total[y]! + (weight?.[i] ?? 1)
      }
    },
    tryFeature(f, order, at, best) {
      cells.weight.fill(0)
      cells.rows.fill(0)
      const column = f * bins.rows
      let [top, low] = [-1, MISSING]
      for (let k = at.from; k < at.to; k++) {
        const i = order[k]!
        const bin = bins.data[column + i]!
        const cell = bin * outputs + label[i]!
        cells.weight[cell] = cells.weight[cell]! + (weight?.[i] ?? 1)
        cells.rows[bin] = cells.rows[bin]! + 1
        if (bin < low) low = bin
        if (bin > top && bin !== MISSING) top = bin
      }
      const missing = cells.rows[MISSING]!
      if (top < 0 || (low === top && missing === 0)) return false
      const node = { total, rows: at.to - at.from, minLeaf, feature: f }
      scan(cells, top + (missing > 0 ? 1 : 0), node, false, best)
      if (missing > 0) scan(cells, top, node, true, best)
      return true
    },
    outputs() {
      const sum = total.reduce((all, w) => all + w, 0)
      return Array.from(total, w => (sum > 0 ? w / sum : 0))
    },
  }
}

interface Node {
  total: Float64Array
  rows: number
  minLeaf: number
  /** The feature whose cells are scanned. */
  feature: number
}

function scan(cells: Cells, cuts: number, node: Node, missingLeft: boolean, best: Split): void {
  const { total, minLeaf, feature } = node
  const classes = total.length
  const left = missingLeft
    ? cells.weight.slice(MISSING * classes, (MISSING + 1) * classes)
    : new Float64Array(classes)
  const hasMissing = cells.rows[MISSING]! > 0
  const parent = purity(total, undefined)
  let n = missingLeft ? cells.rows[MISSING]! : 0
  for (let bin = 0; bin < cuts; bin++) {
    if (cells.rows[bin] === 0) continue
    n += cells.rows[bin]!
    for (let k = 0; k < classes; k++) left[k] = left[k]! + cells.weight[bin * classes + k]!
    if (n < minLeaf) continue
    if (node.rows - n < minLeaf) return
    const gain = purity(left, undefined) + purity(total, left) - parent
    if (gain > best.gain && gain > 1e-12 * parent) {
      Object.assign(best, { gain, feature, bin })
      best.missingLeft = missingLeft || (!hasMissing && 2 * n >= node.rows)
    }
  }
}

/** Σ_k w_k² / Σ_k w_k of the weights, less those given. */
function purity(weights: Float64Array, less: Float64Array | undefined): number {
  let [squares, sum] = [0, 0]
  for (let k = 0; k < weights.length; k++) {
    const w = weights[k]! - (less?.[k] ?? 0)
    squares += w * w
    sum += w
  }
  return sum > 0 ? squares / sum : 0
}
