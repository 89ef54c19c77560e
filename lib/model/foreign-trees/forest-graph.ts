import { UsageError } from '../../base/errors.ts'
import { encodeModel } from '../../onnx/encode-model.ts'
import { ELEMENT, type Graph, makeGraph } from '../../onnx/graph.ts'
import { tensorOf } from '../../onnx/tensor.ts'
import { type Forest, type Lookup, ZERO } from './foreign-forest.ts'

/** Nodes of all trees, and numbers of a table of categories: beyond, the graph takes gigabytes. */
const MOST_NODES = 4_000_000
const MOST_ENTRIES = 16_000_000

/**
 * The file bytes of a graph `x` [N, features] → `y` [N, K]: the trees as one TreeEnsembleRegressor
 * (ai.onnx.ml 3) in double precision, in which float32 rows meet the thresholds of the file
 * unrounded. Sets of categories are columns of their own, looked up in tables beside the trees.
 * Throws UsageError for more trees than can be run.
 */
export function forestGraph(forest: Forest): Uint8Array {
  const graph = makeGraph('trees')
  const { features, base, factor, link } = forest
  const x = graph.input('x', ['N', features])
  const { columns, order } = lookupColumns(graph, forest, x)
  const all = [withoutZeros(graph, forest, x), ...columns]
  const wide = all.length === 1 ? all[0]! : graph.op('Concat', all, { axis: 1 })
  const place = new Map(order.map((lookup, k) => [features + lookup, features + k]))
  let y = ensemble(graph, forest, place, graph.op('Cast', [wide], { to: ELEMENT.double }))
  if (factor !== 1) y = graph.op('Mul', [y, graph.scalar(factor)])
  if (link === 'sigmoid') y = graph.op('Sigmoid', [y])
  else if (link === 'softmax') y = graph.op('Softmax', [y], { axis: 1 })
  else if (link === 'exp') y = graph.op('Exp', [y])
  // Of two classes the trees say the second; the first is what is left.
  const isPair = link === 'sigmoid' && base.length === 1 && forest.classes?.length === 2
  if (isPair) y = graph.op('Concat', [graph.op('Sub', [graph.scalar(1), y]), y], { axis: 1 })
  graph.emit('Identity', [y], ['y'])
  graph.output('y', ['N', isPair ? 2 : base.length])
  return encodeModel(graph, { mlOpset: 3 })
}

function ensemble(
  graph: Graph,
  { trees, base }: Forest,
  place: ReadonlyMap<number, number>,
  x: string,
): string {
  const nodes = trees.flatMap((tree, t) =>
    tree.feature.map((feature, node) => ({ tree, t, node, feature })),
  )
  if (nodes.length > MOST_NODES)
    throw new UsageError(`${nodes.length} nodes of trees, ${MOST_NODES} are taken: train fewer`)
  const leaves = nodes.filter(({ feature }) => feature < 0)
  const ints = (of: (at: (typeof nodes)[number]) => number) => Int32Array.from(nodes, of)
  const doubles = (list: readonly number[]) => tensorOf.double(list, [list.length])
  return graph.op('ai.onnx.ml.TreeEnsembleRegressor', [x], {
    n_targets: base.length,
    aggregate_function: 'SUM',
    base_values_as_tensor: doubles(base),
    nodes_treeids: ints(({ t }) => t),
    nodes_nodeids: ints(({ node }) => node),
    nodes_featureids: ints(({ feature }) => place.get(feature) ?? Math.max(0, feature)),
    nodes_values_as_tensor: doubles(nodes.map(({ tree, node }) => tree.threshold[node]!)),
    nodes_modes: nodes.map(({ feature }) => (feature < 0 ? 'LEAF' : 'BRANCH_LEQ')),
    nodes_truenodeids: ints(({ tree, node }) => tree.left[node]!),
    nodes_falsenodeids: ints(({ tree, node }) => tree.right[node]!),
    nodes_missing_value_tracks_true: ints(({ tree, node }) => (tree.missingLeft[node] ? 1 : 0)),
    target_treeids: Int32Array.from(leaves, ({ t }) => t),
    target_nodeids: Int32Array.from(leaves, ({ node }) => node),
    target_ids: Int32Array.from(leaves, ({ tree }) => tree.column),
    target_weights_as_tensor: doubles(leaves.map(({ tree, node }) => tree.value[node]!)),
  })
}

/** Rows with the zeros that count as unknown unknown. */
function withoutZeros(graph: Graph, { features, zeroIsMissing }: Forest, x: string): string {
  if (zeroIsMissing.size === 0) return x
  const isAsked = Array.from({ length: features }, (_, f) => zeroIsMissing.has(f))
  const isSmall = graph.op('LessOrEqual', [graph.op('Abs', [x]), graph.scalar(ZERO)])
  const isZero = graph.op('And', [isSmall, graph.bools(isAsked, [1, features])])
  return graph.op('Where', [isZero, graph.floats([Number.NaN], []), x])
}

/** Columns of the lookups, one block for each categorical feature, and their order. */
function lookupColumns(graph: Graph, { lookups, rounding }: Forest, x: string) {
  const by = new Map<number, number[]>()
  for (const [k, { feature }] of lookups.entries()) by.set(feature, [...(by.get(feature) ?? []), k])
  const columns = [...by].map(([feature, which]) => {
    const own = which.map(k => lookups[k]!)
    const { low, size } = spanOf(own)
    if ((size + 2) * own.length > MOST_ENTRIES)
      throw new UsageError(
        `feature ${feature} has ${size} categories in ${own.length} splits, too many to look up`,
      )
    const value = graph.op('Reshape', [
      graph.op('Gather', [x, graph.ints([feature])], { axis: 1 }),
      graph.ints([-1]),
    ])
    const table = graph.floats(tableOf(own, low, size), [size + 2, own.length])
    return graph.op('Gather', [table, rowOf(graph, value, { low, size, rounding })], { axis: 0 })
  })
  return { columns, order: [...by.values()].flat() }
}

function spanOf(lookups: readonly Lookup[]): { low: number; size: number } {
  let [low, high] = [0, 0]
  for (const { members } of lookups)
    for (const member of members) [low, high] = [Math.min(low, member), Math.max(high, member)]
  return { low, size: high - low + 1 }
}

/** A line per category from the lowest, one for all others, one for unknown. */
function tableOf(lookups: readonly Lookup[], low: number, size: number): Float32Array {
  const table = new Float32Array((size + 2) * lookups.length)
  for (const [k, { members }] of lookups.entries()) {
    for (const member of members) table[(member - low) * lookups.length + k] = 1
    table[(size + 1) * lookups.length + k] = Number.NaN
  }
  return table
}

interface Span extends Pick<Forest, 'rounding'> {
  low: number
  size: number
}

function rowOf(graph: Graph, x: string, { low, size, rounding }: Span): string {
  const zero = graph.scalar(0)
  const floor = graph.op('Floor', [x])
  const whole =
    rounding === 'toZero'
      ? graph.op('Where', [graph.op('Less', [x, zero]), graph.op('Ceil', [x]), floor])
      : floor
  const isWithin = graph.op('And', [
    graph.op('GreaterOrEqual', [whole, graph.scalar(low)]),
    graph.op('LessOrEqual', [whole, graph.scalar(low + size - 1)]),
  ])
  const isIn =
    rounding === 'none' ? graph.op('And', [isWithin, graph.op('Equal', [x, floor])]) : isWithin
  const place = graph.op('Sub', [whole, graph.scalar(low)])
  const known = graph.op('Where', [isIn, place, graph.scalar(size)])
  const row = graph.op('Where', [graph.op('IsNaN', [x]), graph.scalar(size + 1), known])
  return graph.op('Cast', [row], { to: ELEMENT.int64 })
}
