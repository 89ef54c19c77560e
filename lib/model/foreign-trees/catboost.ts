import { DataError, UsageError } from '../../base/errors.ts'
import { type ForeignTree, type Forest, makeForeignTree } from './foreign-forest.ts'
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
  Poisson: 'exp',
}

/** Splits of one tree, and leaves of all: 2^16 and as many as a graph takes. */
const MOST_DEPTH = 16

/** Whether a value out of JSON is a model of CatBoost. */
export const isCatboost = (model: Fields): boolean =>
  'features_info' in model && ('oblivious_trees' in model || 'trees' in model)

/**
 * Reads what save_model(format="json") of CatBoost writes (catboost/libs/model/model_export): a
 * split is true where x > border in float32, bit i of a leaf's number is that of split i, and
 * unknown values are false or true for the whole feature. Throws UsageError for categorical and
 * text features, whose splits are of hashes and of statistics of the training rows.
 */
export function readCatboost(model: Fields): Forest {
  const info = fieldsAt(model, 'features_info')
  const floats = floatsOf(info)
  const others = ['categorical_features', 'text_features', 'embedding_features'].flatMap(key =>
    info[key] === undefined ? [] : objectsAt(info, key),
  )
  const { bias, scale } = scaleOf(model)
  const grow = (tree: Fields, column: number): ForeignTree =>
    'splits' in tree
      ? symmetric(tree, column, bias.length, floats)
      : nested(tree, column, bias.length, floats)
  const held = objectsAt(model, 'oblivious_trees' in model ? 'oblivious_trees' : 'trees')
  const about = fieldsAt(model, 'model_info')
  const { link, classes } = headOf(about, bias.length)
  const trees = held.flatMap(tree => bias.map((_, column) => grow(tree, column)))
  for (const { value } of trees) value.splice(0, value.length, ...value.map(x => x * scale))
  const all = [...floats.values()].map(({ place }) => place)
  const names = [...floats.values()].map(({ name }) => name)
  return {
    source: 'CatBoost',
    features: Math.max(...all, ...others.map(each => Number(each.flat_feature_index))) + 1,
    names: others.length === 0 && names.every(name => /[A-Za-z]/.test(name)) ? names : undefined,
    trees,
    lookups: [],
    isCutToZero: false,
    takesDoubles: false,
    zeroIsMissing: new Set(),
    base: bias,
    factor: 1,
    link,
    classes,
    notes:
      others.length === 0 ? [] : ['Its categorical features are in no split and are not read.'],
  }
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
  if (link === undefined || (columns > 1 && link !== 'softmax' && link !== 'sigmoid'))
    throw new UsageError(
      `a CatBoost model of the loss ${loss ?? 'of its own'}: what turns its sums into a head is ` +
        'not known here; export it to ONNX',
    )
  const named = isFields(about.class_params) ? about.class_params.class_names : undefined
  const isClasses = Array.isArray(named) && named.length > 1
  return { link, classes: isClasses ? named.map(String) : undefined }
}

function splitOf(split: Fields, floats: ReadonlyMap<number, FloatFeature>) {
  const feature = floats.get(Number(split.float_feature_index))
  if (split.split_type !== 'FloatFeature' || feature === undefined)
    throw new UsageError(
      `a CatBoost model with splits of the kind ${split.split_type}: categories are hashed and ` +
        'counted over the training rows, which no tree can say; train with numbers',
    )
  if (typeof split.border !== 'number') throw new DataError('no border', { field: 'border' })
  return { feature: feature.place, border: split.border, isLeft: !feature.isMissingTrue }
}

function symmetric(
  held: Fields,
  column: number,
  columns: number,
  floats: ReadonlyMap<number, FloatFeature>,
): ForeignTree {
  const splits = held.splits === null ? [] : objectsAt(held, 'splits')
  const leaves = numbersAt(held, 'leaf_values')
  const made = splits.map(split => splitOf(split, floats))
  if (made.length > MOST_DEPTH || leaves.length !== columns * 2 ** made.length)
    throw new DataError(`a CatBoost tree of ${made.length} splits and ${leaves.length} leaves`)
  const tree = makeForeignTree(column)
  const grow = (level: number, leaf: number): number => {
    const split = made[level]
    if (split === undefined) return tree.leaf(leaves[leaf * columns + column]!)
    const node = tree.split(split.feature, split.border, split.isLeft)
    tree.left[node] = grow(level + 1, leaf)
    tree.right[node] = grow(level + 1, leaf + 2 ** level)
    return node
  }
  grow(0, 0)
  return tree
}

/** A tree that is not symmetric (grow_policy): left and right within each other. */
function nested(
  held: Fields,
  column: number,
  columns: number,
  floats: ReadonlyMap<number, FloatFeature>,
): ForeignTree {
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
    const { feature, border, isLeft } = splitOf(at.split, floats)
    const node = tree.split(feature, border, isLeft)
    tree.left[node] = grow(fieldsAt(at, 'left'), depth + 1)
    tree.right[node] = grow(fieldsAt(at, 'right'), depth + 1)
    return node
  }
  grow(held, 0)
  return tree
}
