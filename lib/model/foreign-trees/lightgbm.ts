import { DataError, UsageError } from '../../base/errors.ts'
import { type ForeignTree, type Forest, type Lookup, makeForeignTree } from './foreign-forest.ts'

/** Whether a file is a model that LightGBM saved as text. */
export const isLightgbm = (text: string): boolean => /^tree\r?\nversion=/.test(text)

type Block = ReadonlyMap<string, string>

/**
 * Reads the text of Booster.save_model (LightGBM 3 and 4, src/io/gbdt_model_text.cpp and
 * src/io/tree.cpp). Throws DataError where it is broken and UsageError for what it cannot say here:
 * linear leaves, objectives without a link that is known.
 */
export function readLightgbm(text: string): Forest {
  const end = text.indexOf('\nend of trees')
  if (end < 0) throw new DataError('the LightGBM file has no line “end of trees”: truncated')
  const parts = text.slice(0, end).split(/^(?=Tree=\d+\r?$)/m)
  const head = blockOf(parts[0]!)
  const blocks = parts.slice(1).map(blockOf)
  const columns = Number(head.get('num_tree_per_iteration') ?? 1)
  const features = Number(head.get('max_feature_idx') ?? Number.NaN) + 1
  if (!(features > 0 && columns > 0 && blocks.length > 0 && blocks.length % columns === 0))
    throw new DataError('the LightGBM file has no features or no whole rounds of trees')
  const lookups: Lookup[] = []
  const missing: Missing = new Map()
  const trees = blocks.map((block, t) => treeOf(block, t % columns, { features, lookups, missing }))
  // Random forests say the mean of their trees.
  const isMean = /^average_output\r?$/m.test(parts[0]!)
  const { link, factor } = linkOf(head.get('objective') ?? '')
  return {
    source: `LightGBM ${head.get('version') ?? ''}`.trim(),
    features,
    names: namesOf(head.get('feature_names')),
    trees,
    lookups,
    coded: codedOf(text, head.get('feature_infos')),
    // So that −0.5 is category 0.
    rounding: 'toZero',
    takesDoubles: true,
    zeroIsMissing: new Set([...missing].filter(([, type]) => type === ZERO_TYPE).map(([f]) => f)),
    base: new Array(columns).fill(0),
    factor: factor * (isMean ? columns / blocks.length : 1),
    link,
    classes:
      link === 'softmax' || columns > 1
        ? Array.from({ length: columns }, (_, k) => String(k))
        : undefined,
    notes: [],
  }
}

/**
 * Categories of the columns of a pandas table, one list for each in their order, and the features
 * that they belong to: `feature_infos` holds [least:most] for numbers, codes for categories, and
 * `none` for what never splits (Dataset::feature_infos). Throws UsageError where they do not pair.
 */
function codedOf(text: string, infos = ''): Forest['coded'] {
  const held = /^pandas_categorical:(.+)$/m.exec(text)?.[1]?.trim() ?? 'null'
  const lists = categoriesIn(held)
  if (lists.length === 0) return undefined
  const kinds = infos.split(' ')
  const where = (isOne: (info: string) => boolean): number[] =>
    kinds.flatMap((info, feature) => (isOne(info) ? [feature] : []))
  const sure = where(info => /^-?\d/.test(info))
  const perhaps = where(info => /^(-?\d|none$)/.test(info))
  const features = [sure, perhaps].find(each => each.length === lists.length)
  if (features === undefined)
    throw new UsageError(
      `the LightGBM file has ${lists.length} columns that pandas coded and ${sure.length} ` +
        'features with categories: which are which it does not say; train on whole numbers ' +
        '(df[c].cat.codes) with categorical_feature=[…]',
    )
  return new Map(features.map((feature, k) => [feature, lists[k]!]))
}

function categoriesIn(held: string): (string | number)[][] {
  let lists: unknown
  try {
    lists = JSON.parse(held)
  } catch {
    // NaN is no JSON, and no category.
  }
  if (lists === null) return []
  if (!Array.isArray(lists) || !lists.every(list => Array.isArray(list)))
    throw new DataError('the LightGBM file has a line pandas_categorical that is no lists')
  return lists.map(list =>
    list.map((each: unknown) => (typeof each === 'string' ? each : Number(each))),
  )
}

function blockOf(text: string): Block {
  const pairs = text.split(/\r?\n/).flatMap(line => {
    const at = line.indexOf('=')
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const]
  })
  return new Map(pairs)
}

/** Names that were given; LightGBM makes up Column_0 and so on. */
function namesOf(text: string | undefined): string[] | undefined {
  const names = text?.split(' ') ?? []
  return names.length === 0 || names.every((name, f) => name === `Column_${f}`) ? undefined : names
}

function linkOf(objective: string): Pick<Forest, 'link' | 'factor'> {
  const [name = '', ...options] = objective.split(' ')
  const slope = Number(options.find(each => each.startsWith('sigmoid:'))?.slice(8) ?? 1)
  if (options.includes('sqrt')) throw unknown(objective)
  if (['binary', 'multiclassova', 'ova'].includes(name)) return { link: 'sigmoid', factor: slope }
  if (['cross_entropy', 'xentropy'].includes(name)) return { link: 'sigmoid', factor: 1 }
  if (['multiclass', 'softmax'].includes(name)) return { link: 'softmax', factor: 1 }
  if (['poisson', 'gamma', 'tweedie'].includes(name)) return { link: 'exp', factor: 1 }
  if (LINEAR.includes(name)) return { link: 'identity', factor: 1 }
  throw unknown(objective)
}

const LINEAR = [
  'regression',
  'regression_l1',
  'huber',
  'fair',
  'quantile',
  'mape',
  'lambdarank',
  'rank_xendcg',
]

const unknown = (objective: string): UsageError =>
  new UsageError(
    `a LightGBM model of the objective ${objective || 'of its own'}: what turns its sums into ` +
      'a head is not known here; export it to ONNX',
  )

/** Bits of decision_type: 1 categorical, 2 unknown goes left, 4 and 8 what counts as unknown. */
const CATEGORICAL = 1
const DEFAULT_LEFT = 2
const NONE_TYPE = 0
const ZERO_TYPE = 1

/** What counts as unknown of a feature: nothing, zeros, NaN; the same in all trees. */
type Missing = Map<number, number>

interface Shared {
  features: number
  lookups: Lookup[]
  missing: Missing
}

function treeOf(block: Block, column: number, shared: Shared): ForeignTree {
  if (block.get('is_linear') === '1')
    throw new UsageError('a LightGBM model with linear leaves (linear_tree): no trees can say it')
  const list = (key: string): number[] =>
    (block.get(key) ?? '').split(' ').flatMap(word => (word === '' ? [] : [Number(word)]))
  const leaves = list('leaf_value')
  const at = {
    feature: list('split_feature'),
    threshold: list('threshold'),
    decision: list('decision_type'),
    left: list('left_child'),
    right: list('right_child'),
    boundaries: list('cat_boundaries'),
    words: list('cat_threshold'),
  }
  const splits = at.feature.length
  const isWhole = [at.threshold, at.decision, at.left, at.right].every(all => all.length === splits)
  if (!isWhole || leaves.length !== splits + 1 || leaves.some(Number.isNaN))
    throw new DataError('the LightGBM file has a tree of uneven lists: truncated')
  const tree = makeForeignTree(column)
  for (let node = 0; node < splits; node++) addSplit(tree, at, node, shared)
  for (const value of leaves) tree.leaf(value)
  // Children below zero are leaves: −1 is the first.
  const childOf = (child: number): number => (child < 0 ? splits - child - 1 : child)
  for (let node = 0; node < splits; node++) {
    const sides = [childOf(at.left[node]!), childOf(at.right[node]!)]
    if (sides.some(side => !(side > node && side <= 2 * splits)))
      throw new DataError('a LightGBM tree with a circle')
    const isTurned = (at.decision[node]! & CATEGORICAL) !== 0
    tree.left[node] = sides[isTurned ? 1 : 0]!
    tree.right[node] = sides[isTurned ? 0 : 1]!
  }
  return tree
}

interface Splits {
  feature: number[]
  threshold: number[]
  decision: number[]
  boundaries: number[]
  words: number[]
}

function addSplit(
  tree: ReturnType<typeof makeForeignTree>,
  at: Splits,
  node: number,
  { features, lookups, missing }: Shared,
): void {
  const [feature, decision] = [at.feature[node]!, at.decision[node]!]
  const threshold = at.threshold[node]!
  if (!(feature >= 0 && feature < features)) throw new DataError(`no feature ${feature}`)
  if ((decision & CATEGORICAL) !== 0) {
    // Members go left, all others and unknown right: turned round, a lookup of 1 goes right.
    const words = at.words.slice(at.boundaries[threshold], at.boundaries[threshold + 1])
    tree.split(features + lookups.push({ feature, members: bitsOf(words) }) - 1, 0.5, true)
    return
  }
  const type = (decision >> 2) & 3
  if ((missing.get(feature) ?? type) !== type)
    throw new UsageError(`feature ${feature} counts other values as unknown from split to split`)
  missing.set(feature, type)
  // Where nothing counts as unknown, NaN is 0 (Tree::NumericalDecision).
  const isLeft = type === NONE_TYPE ? threshold >= 0 : (decision & DEFAULT_LEFT) !== 0
  tree.split(feature, threshold, isLeft)
}

/** Places of the bits of 32-bit words. */
function bitsOf(words: readonly number[]): number[] {
  return words.flatMap((word, w) =>
    Array.from({ length: 32 }, (_, bit) => bit).flatMap(bit =>
      ((word >>> bit) & 1) === 1 ? [32 * w + bit] : [],
    ),
  )
}
