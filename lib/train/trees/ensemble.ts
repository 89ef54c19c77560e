import type { Table } from '../../table/table.ts'
import { leafOf, type Tree } from './tree.ts'
import { sigmoid } from './tree-loss.ts'

/** Trees whose outputs are summed per column, and what turns the sums into heads. */
export interface Ensemble {
  trees: readonly Tree[]
  /** Constant per column, float32. Tree t adds to column t mod K. */
  base: Float32Array
  /**
   * sigmoid: probability; softmax: probabilities of K classes; identity: the sum; share: the sums
   * kept within 0 … 1.
   */
  link: 'sigmoid' | 'softmax' | 'identity' | 'share'
}

/**
 * Raw sums per column for every row of a table, added in float32, tree after tree and the base
 * last: bit for bit what onnxruntime's TreeEnsembleRegressor does on one thread.
 */
export function rawScores({ trees, base }: Ensemble, table: Table): Float64Array[] {
  const { rows, columns } = table
  const sums = Array.from(base, () => new Float32Array(rows))
  const leaves = new Int32Array(rows)
  trees.forEach((tree, t) => {
    const column = sums[t % base.length]!
    if (!isTwin(trees, t)) for (let i = 0; i < rows; i++) leaves[i] = leafOf(tree, columns, i)
    for (let i = 0; i < rows; i++) column[i] = column[i]! + tree.value[leaves[i]!]!
  })
  return sums.map((column, k) => Float64Array.from(column, sum => Math.fround(sum + base[k]!)))
}

/**
 * Whether a tree has the splits of the one before it and only other outputs: a forest of classes
 * has one for each class.
 */
export const isTwin = (trees: readonly Tree[], t: number): boolean =>
  t > 0 && trees[t]?.feature === trees[t - 1]?.feature

/** Heads per column: probabilities for sigmoid and softmax, the sums for identity. */
export function predictEnsemble(ensemble: Ensemble, table: Table): Float64Array[] {
  const raw = rawScores(ensemble, table)
  if (ensemble.link === 'identity') return raw
  if (ensemble.link === 'share')
    return raw.map(column => column.map(p => Math.min(1, Math.max(0, p))))
  if (ensemble.link === 'sigmoid') return raw.map(column => column.map(sigmoid))
  return softmaxColumns(raw)
}

/** Row-wise softmax over columns. */
function softmaxColumns(raw: readonly Float64Array[]): Float64Array[] {
  const out = raw.map(column => Float64Array.from(column))
  for (let i = 0; i < (raw[0]?.length ?? 0); i++) {
    const top = Math.max(...raw.map(column => column[i]!))
    let sum = 0
    for (const column of out) sum += column[i] = Math.exp(column[i]! - top)
    for (const column of out) column[i] = column[i]! / sum
  }
  return out
}

/**
 * Loss removed per feature over all trees, as shares that sum to 1 (all 0 when nothing was split).
 */
export function gainImportance({ trees }: Ensemble, features: number): Float64Array {
  const gains = new Float64Array(features)
  for (const tree of trees) {
    tree.feature.forEach((feature, node) => {
      if (feature >= 0) gains[feature] = gains[feature]! + tree.gain[node]!
    })
  }
  const total = gains.reduce((sum, gain) => sum + gain, 0)
  return total > 0 ? gains.map(gain => gain / total) : gains
}
