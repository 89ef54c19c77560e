import type { Table } from '../../table/table.ts'

/**
 * A binary tree in arrays; node 0 is the root, `feature` −1 marks a leaf. A row goes left when x ≤
 * threshold.
 */
export interface Tree {
  feature: Int32Array
  threshold: Float32Array
  /** 1 where unknown values go left. */
  missingLeft: Uint8Array
  left: Int32Array
  right: Int32Array
  /** Leaf output, already float32 and scaled by the learning rate. */
  value: Float32Array
  /** Loss removed by the split. */
  gain: Float32Array
  /** Training rows in the node. */
  cover: Int32Array
}

interface Draft {
  feature: number
  threshold: number
  missingLeft: number
  left: number
  right: number
  value: number
  gain: number
  cover: number
}

export interface TreeBuilder {
  /** Adds a leaf and returns its number. */
  leaf(cover: number): number
  /** Turns a leaf into a split and returns the numbers of its two new leaves. */
  split(
    node: number,
    at: { feature: number; threshold: number; missingLeft: boolean; gain: number },
    covers: readonly [number, number],
  ): [left: number, right: number]
  setValue(node: number, value: number): void
  finish(): Tree
}

/** Grows one tree; starts without nodes. */
export function makeTreeBuilder(): TreeBuilder {
  const nodes: Draft[] = []
  const leaf = (cover: number): number =>
    nodes.push({
      feature: -1,
      threshold: 0,
      missingLeft: 0,
      left: 0,
      right: 0,
      value: 0,
      gain: 0,
      cover,
    }) - 1
  return {
    leaf,
    split(node, { feature, threshold, missingLeft, gain }, covers) {
      const left = leaf(covers[0])
      const right = leaf(covers[1])
      Object.assign(nodes[node]!, {
        feature,
        threshold,
        missingLeft: missingLeft ? 1 : 0,
        gain,
        left,
        right,
      })
      return [left, right]
    },
    setValue(node, value) {
      nodes[node]!.value = value
    },
    finish: () => ({
      feature: Int32Array.from(nodes, node => node.feature),
      threshold: Float32Array.from(nodes, node => node.threshold),
      missingLeft: Uint8Array.from(nodes, node => node.missingLeft),
      left: Int32Array.from(nodes, node => node.left),
      right: Int32Array.from(nodes, node => node.right),
      value: Float32Array.from(nodes, node => node.value),
      gain: Float32Array.from(nodes, node => node.gain),
      cover: Int32Array.from(nodes, node => node.cover),
    }),
  }
}

/** Leaf reached by one row of a table. */
export function leafOf(tree: Tree, columns: readonly Float32Array[], row: number): number {
  let node = 0
  for (;;) {
    const feature = tree.feature[node]!
    if (feature < 0) return node
    const x = columns[feature]![row]!
    const goesLeft = x <= tree.threshold[node]! || (tree.missingLeft[node] === 1 && Number.isNaN(x))
    node = (goesLeft ? tree.left[node] : tree.right[node])!
  }
}

/** Adds the tree's output of every row to `sums`. */
export function addTree(tree: Tree, table: Table, sums: Float64Array): void {
  for (let i = 0; i < table.rows; i++)
    sums[i] = sums[i]! + tree.value[leafOf(tree, table.columns, i)]!
}
