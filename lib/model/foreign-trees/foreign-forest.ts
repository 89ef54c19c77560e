/** A tree in arrays; node 0 is the root, `feature` −1 marks a leaf. */
export interface ForeignTree {
  /** A column of the rows, or from `Forest.features` on a lookup. */
  feature: number[]
  /** x ≤ threshold goes left. */
  threshold: number[]
  missingLeft: boolean[]
  left: number[]
  right: number[]
  value: number[]
  /** Output that its leaves are added to. */
  column: number
}

/** Membership of a categorical feature in a set: 1 if it is, else 0, unknown stays unknown. */
export interface Lookup {
  feature: number
  members: readonly number[]
}

/** Trees of another program whose leaves are summed per column. */
export interface Forest {
  /** Who wrote the file. */
  source: string
  features: number
  /** Names of the features where the file has them. */
  names: readonly string[] | undefined
  trees: readonly ForeignTree[]
  lookups: readonly Lookup[]
  /** Categories by feature, in the order of the codes that pandas gave them. */
  coded?: ReadonlyMap<number, readonly (string | number)[]> | undefined
  /** What the program makes of a category that is no whole number; `none` has no such category. */
  rounding: 'toZero' | 'down' | 'none'
  /** Whether Python takes rows of doubles as they are; others round them to float32 too. */
  takesDoubles: boolean
  /** Features of which a zero counts as unknown. */
  zeroIsMissing: ReadonlySet<number>
  base: readonly number[]
  /** What the sums are multiplied with before the link. */
  factor: number
  link: 'sigmoid' | 'softmax' | 'exp' | 'identity'
  /** Words of the classes that columns stand for; a sigmoid of one column is that of the second. */
  classes: readonly string[] | undefined
  notes: string[]
}

/** Zeros of LightGBM (kZeroThreshold, a float32). */
export const ZERO = Math.fround(1e-35)

/** Adds nodes to a tree one by one. */
export function makeForeignTree(column: number): ForeignTree & {
  leaf(value: number): number
  split(feature: number, threshold: number, missingLeft: boolean): number
} {
  const tree: ForeignTree = {
    feature: [],
    threshold: [],
    missingLeft: [],
    left: [],
    right: [],
    value: [],
    column,
  }
  const add = (feature: number, threshold: number, missingLeft: boolean, value: number): number => {
    tree.threshold.push(threshold)
    tree.missingLeft.push(missingLeft)
    tree.left.push(0)
    tree.right.push(0)
    tree.value.push(value)
    return tree.feature.push(feature) - 1
  }
  return {
    ...tree,
    leaf: value => add(-1, 0, false, value),
    split: (feature, threshold, missingLeft) => add(feature, threshold, missingLeft, 0),
  }
}

/** Leaf of every tree that a row reaches, in double precision. */
export function routeOf(forest: Forest, row: ArrayLike<number>): number[] {
  const { features, lookups, zeroIsMissing } = forest
  const numberAt = (feature: number): number => {
    const lookup = lookups[feature - features]
    const x = row[lookup?.feature ?? feature]!
    if (lookup !== undefined) return memberOf(forest, lookup, x)
    return zeroIsMissing.has(feature) && Math.abs(x) <= ZERO ? Number.NaN : x
  }
  return forest.trees.map(tree => {
    let node = 0
    while (tree.feature[node]! >= 0) {
      const x = numberAt(tree.feature[node]!)
      const isLeft = Number.isNaN(x) ? tree.missingLeft[node]! : x <= tree.threshold[node]!
      node = isLeft ? tree.left[node]! : tree.right[node]!
    }
    return node
  })
}

function memberOf({ rounding }: Forest, { members }: Lookup, x: number): number {
  if (Number.isNaN(x)) return x
  return members.includes(ROUNDINGS[rounding](x) + 0) ? 1 : 0
}

const ROUNDINGS = { toZero: Math.trunc, down: Math.floor, none: (x: number): number => x }

/** Sums of the leaves per column, before factor and link. */
export function sumsOf(forest: Forest, row: ArrayLike<number>): number[] {
  const sums = [...forest.base]
  for (const [t, leaf] of routeOf(forest, row).entries()) {
    const tree = forest.trees[t]!
    sums[tree.column] = sums[tree.column]! + tree.value[leaf]!
  }
  return sums
}
