import { DataError, UsageError } from '../../base/errors.ts'
import { categoriesIn, type ReadCategorySplit } from './catboost-categories.ts'
import { type ForeignTree, type Forest, type Lookup, makeForeignTree } from './foreign-forest.ts'
import { type Fields, fieldsAt, isFields, numbersAt, objectsAt } from './json-fields.ts'

const LINKS: Readonly<Record<string, Forest['link']>> = {
  Logloss: 'sigmoid',
  CrossEntropy: 'sigmoid',
  MultiClass: 'softmax',
  MultiClassOneVsAll: 'sigmoid',
  RMSE: 'identity',
  MAE: 'identity',
  MAPE: 'identity',
  Quantile: 'identity',
  Huber: 'identity',
  Expectile: 'identity',
  Lq: 'identity',
  Poisson: 'exp',
  Tweedie: 'exp',
  MultiRMSE: 'identity',
  // Rankings say an order, whatever its unit.
  YetiRank: 'identity',
  YetiRankPairwise: 'identity',
  PairLogit: 'identity',
  PairLogitPairwise: 'identity',
  QueryRMSE: 'identity',
  QuerySoftMax: 'identity',
}

/** Losses of several sums. */
const WIDE = ['MultiClass', 'MultiClassOneVsAll', 'MultiRMSE']

/** Splits of one tree, and leaves of all: 2^16 and as many as a graph takes. */
const MOST_DEPTH = 16

/** Whether a value out of JSON is a model of CatBoost. */
export const isCatboost = (model: Fields): boolean =>
  'features_info' in model && ('oblivious_trees' in model || 'trees' in model)

/**
 * Reads what save_model(format="json") of CatBoost writes (catboost/libs/model/model_export): a
 * split is true where x > border in float32, bit i of a leaf's number is that of split i, and
 * unknown values are false or true for the whole feature. Splits on categories become sets of
 * them. Throws UsageError for what is no set, and for losses without a known link.
 */
export function readCatboost(model: Fields): Forest {
  const info = fieldsAt(model, 'features_info')
  const floats = floatsOf(info)
  const others = OTHERS.flatMap(key => (info[key] === undefined ? [] : objectsAt(info, key)))
  const lookups: Lookup[] = []
  const features = 1 + Math.max(...placesOf([...(info.float_features as Fields[]), ...others]))
  const shared = { floats, features, lookups, readCategory: categoriesIn(model) }
  const { bias, scale } = scaleOf(model)
  const grow = (tree: Fields, column: number): ForeignTree =>
    'splits' in tree
      ? symmetric(tree, column, bias.length, shared)
      : nested(tree, column, bias.length, shared)
  const held = objectsAt(model, 'oblivious_trees' in model ? 'oblivious_trees' : 'trees')
  const about = fieldsAt(model, 'model_info')
  const { link, classes } = headOf(about, bias.length)
  const trees = held.flatMap(tree => bias.map((_, column) => grow(tree, column)))
  for (const { value } of trees) value.splice(0, value.length, ...value.map(x => x * scale))
  const names = [...floats.values()].map(({ name }) => name)
  return {
    source: 'CatBoost',
    features,
    names: others.length === 0 && names.every(name => /[A-Za-z]/.test(name)) ? names : undefined,
    trees,
    lookups,
    rounding: 'none',
    takesDoubles: false,
    zeroIsMissing: new Set(),
    base: bias,
    factor: 1,
    link,
    classes,
    notes: notesOf(others, lookups),
  }
}

const OTHERS = ['categorical_features', 'text_features', 'embedding_features']
const placesOf = (features: readonly Fields[]): number[] =>
  features.map(each => Number(each.flat_feature_index))

function notesOf(others: readonly Fields[], lookups: readonly Lookup[]): string[] {
  const asked = new Set(lookups.map(({ feature }) => feature))
  const idle = placesOf(others).filter(place => !asked.has(place))
  return [
    ...(idle.length > 0 ? [`No split asks for features ${idle.join(', ')}; not read.`] : []),
    ...(asked.size > 0
      ? [
          `Categories in features ${[...asked].sort((a, b) => a - b).join(', ')} are whole ` +
            'numbers; any other, and an unknown one, counts as one that the training never saw.',
        ]
      : []),
  ]
}

interface FloatFeature {
  place: number
  name: string
  isMissingTrue: boolean
}

function floatsOf(info: Fields): Map<number, FloatFeature> {
  const list = info.float_features === undefined ? [] : objectsAt(info, 'float_features')
  if (list.length === 0) throw new UsageError('a CatBoost model without features that are numbers')
  return new Map(
    list.map(each => [
      Number(each.feature_index),
      {
        place: Number(each.flat_feature_index),
        name: String(each.feature_id ?? ''),
        isMissingTrue: each.nan_value_treatment === 'AsTrue',
      },
    ]),
  )
}

function scaleOf(model: Fields): { scale: number; bias: number[] } {
  const [scale, bias] = Array.isArray(model.scale_and_bias)
    ? (model.scale_and_bias as unknown[])
    : []
  const list = Array.isArray(bias) ? bias.map(Number) : [Number(bias)]
  if (typeof scale !== 'number' || list.some(Number.isNaN))
    throw new DataError('expected a scale and biases', { field: 'scale_and_bias' })
  return { scale, bias: list }
}

function headOf(about: Fields, columns: number): Pick<Forest, 'link' | 'classes'> {
  const params = typeof about.params === 'string' ? JSON.parse(about.params) : about.params
  const held = isFields(params) ? params.loss_function : undefined
  const loss = isFields(held) ? String(held.type) : undefined
  const link = LINKS[loss ?? '']
  if (link === undefined || (columns > 1 && !WIDE.includes(loss ?? '')))
    throw new UsageError(
      `a CatBoost model of the loss ${loss ?? 'of its own'}: what turns its sums into a head is ` +
        'not known here; export it to ONNX',
    )
  const named = isFields(about.class_params) ? about.class_params.class_names : undefined
  const isClasses = Array.isArray(named) && named.length > 1
  return { link, classes: isClasses ? named.map(String) : undefined }
}

/** What the trees of a model have in common. */
interface Shared {
  floats: ReadonlyMap<number, FloatFeature>
  features: number
  lookups: Lookup[]
  readCategory: ReadCategorySplit
}

/** A split whose right side is reached where it is true, or its left one where it is turned. */
interface Split {
  feature: number
  border: number
  isLeft: boolean
  isTurned: boolean
}

function splitOf(split: Fields, { floats, features, lookups, readCategory }: Shared): Split {
  if (split.split_type !== 'FloatFeature') {
    const { feature, members, isTrueForMembers } = readCategory(split)
    const lookup = features + lookups.push({ feature, members }) - 1
    return { feature: lookup, border: 0.5, isLeft: true, isTurned: !isTrueForMembers }
  }
  const feature = floats.get(Number(split.float_feature_index))
  if (feature === undefined)
    throw new DataError('no such feature', { field: 'float_feature_index' })
  if (typeof split.border !== 'number') throw new DataError('no border', { field: 'border' })
  const { place, isMissingTrue } = feature
  return { feature: place, border: split.border, isLeft: !isMissingTrue, isTurned: false }
}

function symmetric(held: Fields, column: number, columns: number, shared: Shared): ForeignTree {
  const splits = held.splits === null ? [] : objectsAt(held, 'splits')
  const leaves = numbersAt(held, 'leaf_values')
  const made = splits.map(split => splitOf(split, shared))
  if (made.length > MOST_DEPTH || leaves.length !== columns * 2 ** made.length)
    throw new DataError(`a CatBoost tree of ${made.length} splits and ${leaves.length} leaves`)
  const tree = makeForeignTree(column)
  const grow = (level: number, leaf: number): number => {
    const split = made[level]
    if (split === undefined) return tree.leaf(leaves[leaf * columns + column]!)
    const node = tree.split(split.feature, split.border, split.isLeft)
    const sides = [leaf, leaf + 2 ** level].map(at => grow(level + 1, at))
    return joinSides(tree, node, split, sides)
  }
  grow(0, 0)
  return tree
}

function joinSides(
  tree: ForeignTree,
  node: number,
  { isTurned }: Split,
  [no, yes]: readonly number[],
): number {
  tree.left[node] = (isTurned ? yes : no)!
  tree.right[node] = (isTurned ? no : yes)!
  return node
}

/** A tree that is not symmetric (grow_policy): left and right within each other. */
function nested(held: Fields, column: number, columns: number, shared: Shared): ForeignTree {
  const tree = makeForeignTree(column)
  const grow = (at: Fields, depth: number): number => {
    if (depth > 512) throw new DataError('a CatBoost tree over 512 deep')
    if (!isFields(at.split)) {
      const values = Array.isArray(at.value) ? numbersAt(at, 'value') : [at.value]
      const value = values[column]
      if (typeof value !== 'number' || values.length !== columns)
        throw new DataError('a CatBoost leaf without its numbers', { field: 'value' })
      return tree.leaf(value)
    }
    const split = splitOf(at.split, shared)
    const node = tree.split(split.feature, split.border, split.isLeft)
    const sides = ['left', 'right'].map(side => grow(fieldsAt(at, side), depth + 1))
    return joinSides(tree, node, split, sides)
  }
  grow(held, 0)
  return tree
}
