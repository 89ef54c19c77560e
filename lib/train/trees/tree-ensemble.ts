import type { Graph } from '../../onnx/graph.ts'
import { type Ensemble, isTwin } from './ensemble.ts'
import type { Tree } from './tree.ts'

/**
 * Adds the ensemble to a graph as one TreeEnsembleRegressor (ai.onnx.ml 3) and returns the raw sums
 * [N, K]. The classifier operator is avoided on purpose: its handling of base values and of
 * one-column scores is not portable.
 */
export function addEnsemble(graph: Graph, { trees, base }: Ensemble, features: string): string {
  const nodesOf = (tree: Tree, t: number) =>
    Array.from(tree.feature, (_, node) => ({ tree, t: first[t]!, node }))
  const first = firstTwins(trees)
  // Twins are one tree whose leaves add to several columns.
  const nodes = trees.flatMap((tree, t) => (isTwin(trees, t) ? [] : nodesOf(tree, t)))
  const leaves = trees.flatMap((tree, t) =>
    nodesOf(tree, t).flatMap(at =>
      tree.feature[at.node]! < 0 ? [{ ...at, column: t % base.length }] : [],
    ),
  )
  const ints = (of: (tree: Tree, node: number, t: number) => number): Int32Array =>
    Int32Array.from(nodes, ({ tree, t, node }) => of(tree, node, t))
  return graph.op('ai.onnx.ml.TreeEnsembleRegressor', [features], {
    n_targets: base.length,
    aggregate_function: 'SUM',
    base_values: base,
    nodes_treeids: ints((_tree, _node, t) => t),
    nodes_nodeids: ints((_tree, node) => node),
    nodes_featureids: ints((tree, node) => Math.max(0, tree.feature[node]!)),
    nodes_values: Float32Array.from(nodes, ({ tree, node }) => tree.threshold[node]!),
    nodes_modes: nodes.map(({ tree, node }) => (tree.feature[node]! < 0 ? 'LEAF' : 'BRANCH_LEQ')),
    nodes_truenodeids: ints((tree, node) => tree.left[node]!),
    nodes_falsenodeids: ints((tree, node) => tree.right[node]!),
    nodes_missing_value_tracks_true: ints((tree, node) => tree.missingLeft[node]!),
    target_treeids: Int32Array.from(leaves, ({ t }) => t),
    target_nodeids: Int32Array.from(leaves, ({ node }) => node),
    target_ids: Int32Array.from(leaves, ({ column }) => column),
    target_weights: Float32Array.from(leaves, ({ tree, node }) => tree.value[node]!),
  })
}

/** Per tree the first one with its splits. */
function firstTwins(trees: readonly Tree[]): number[] {
  let first = 0
  return trees.map((_, t) => (first = isTwin(trees, t) ? first : t))
}
