import { DataError, UsageError } from '../../base/errors.ts'
import { type ForeignTree, type Forest, type Lookup, makeForeignTree } from './foreign-forest.ts'
import { type Fields, fieldsAt, isFields, numbersAt, objectsAt } from './json-fields.ts'

/** How each objective turns sums into what it predicts, and base_score into a first sum. */
const LINKS: Readonly<Record<string, [Forest['link'], margin: (score: number) => number]>> = {
  'binary:logistic': ['sigmoid', p => -Math.log(1 / p - 1)],
  'reg:logistic': ['sigmoid', p => -Math.log(1 / p - 1)],
  'binary:logitraw': ['identity', x => x],
  'multi:softprob': ['softmax', x => x],
  'multi:softmax': ['softmax', x => x],
  'reg:squarederror': ['identity', x => x],
  'reg:squaredlogerror': ['identity', x => x],
  'reg:absoluteerror': ['identity', x => x],
  'reg:pseudohubererror': ['identity', x => x],
  'reg:quantileerror': ['identity', x => x],
  'rank:pairwise': ['identity', x => x],
  'rank:ndcg': ['identity', x => x],
  'rank:map': ['identity', x => x],
  'count:poisson': ['exp', Math.log],
  'reg:gamma': ['exp', Math.log],
  'reg:tweedie': ['exp', Math.log],
}

/** Whether a value out of JSON or UBJSON is a model of XGBoost. */
export const isXgboost = (model: Fields): boolean => 'learner' in model && 'version' in model

/**
 * Reads what Booster.save_model writes as JSON or UBJSON (XGBoost 1.6 to 3,
 * doc/tutorials/saving_model.rst, src/tree/tree_model.cc). A row goes left where x < condition in
 * float32: where x ≤ the number before it. Categories in the set of a split go right. Throws
 * UsageError for boosters and objectives that are not trees with a known link.
 */
export function readXgboost(model: Fields): Forest {
  const learner = fieldsAt(model, 'learner')
  const objective = String(fieldsAt(learner, 'objective').name)
  const link = LINKS[objective]
  if (link === undefined)
    throw new UsageError(
      `an XGBoost model of the objective ${objective}: what turns its sums into a head is not ` +
        'known here; export it to ONNX',
    )
  const booster = fieldsAt(learner, 'gradient_booster')
  const name = String(booster.name)
  if (name !== 'gbtree' && name !== 'dart')
    throw new UsageError(`an XGBoost model of the booster ${name}: it holds no trees`)
  const { model: held } = name === 'dart' ? fieldsAt(booster, 'gbtree') : booster
  const weights = name === 'dart' ? numbersAt(booster, 'weight_drop') : []
  const parts = fieldsAt(held)
  const info = numbersAt(parts, 'tree_info')
  const about = fieldsAt(learner, 'learner_model_param')
  const features = Number(about.num_feature)
  const columns = Math.max(1, Number(about.num_class), Number(about.num_target ?? 1))
  const lookups: Lookup[] = []
  const trees = objectsAt(parts, 'trees').map((tree, t) =>
    treeOf(tree, { features, column: info[t] ?? 0, columns, weight: weights[t] ?? 1, lookups }),
  )
  if (!(features > 0) || trees.length === 0) throw new DataError('the XGBoost model has no trees')
  return {
    source: `XGBoost ${Array.isArray(model.version) ? model.version.join('.') : ''}`,
    features,
    names: namesOf(learner.feature_names),
    trees,
    lookups,
    coded: codedOf(parts),
    rounding: 'down',
    takesDoubles: false,
    zeroIsMissing: new Set(),
    base: baseOf(String(about.base_score), columns, link[1]),
    factor: 1,
    link: link[0],
    classes:
      link[0] === 'softmax' ? Array.from({ length: columns }, (_, k) => String(k)) : undefined,
    notes: notesOf(learner, trees.length / columns),
  }
}

const namesOf = (names: unknown): string[] | undefined =>
  Array.isArray(names) && names.length > 0 && !names.every((name, f) => name === `f${f}`)
    ? names.map(String)
    : undefined

/** One score, or since 3.1 a list of one for each column. */
function baseOf(text: string, columns: number, margin: (score: number) => number): number[] {
  const scores = text
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map(Number)
  const sums = scores.map(score => margin(Math.fround(score)))
  if (sums.some(sum => !Number.isFinite(sum)) || (sums.length !== 1 && sums.length !== columns))
    throw new DataError(`${text} is no base_score`, { field: 'base_score' })
  return Array.from({ length: columns }, (_, k) => sums[k] ?? sums[0]!)
}

function notesOf(learner: Fields, rounds: number): string[] {
  const best = (learner.attributes as Fields | undefined)?.best_iteration
  if (best === undefined || Number(best) + 1 >= rounds) return []
  return [
    `All ${rounds} rounds are used; early stopping found round ${Number(best) + 1} best. ` +
      'If Python predicts with that one, save model[: best_iteration + 1].',
  ]
}

/** Categories that a table of pandas had, since 3.1; trees ask for their codes. */
function codedOf({ cats }: Fields): Forest['coded'] {
  const lists = isFields(cats) && Array.isArray(cats.enc) ? (cats.enc as unknown[]) : []
  const coded = lists.flatMap((each, feature) => {
    if (!isFields(each) || !Array.isArray(each.values) || each.values.length === 0) return []
    const values = numbersAt(each, 'values')
    return [[feature, each.offsets === undefined ? values : wordsOf(each, values)] as const]
  })
  return coded.length === 0 ? undefined : new Map(coded)
}

/**
 * Words one after the other, and where each begins. Words beyond ASCII cannot be told: XGBoost 3.2
 * counts their characters and cuts off as many bytes.
 */
function wordsOf(held: Fields, bytes: readonly number[]): string[] {
  const offsets = numbersAt(held, 'offsets')
  const isPlain = bytes.every(byte => byte > 0 && byte < 128) && offsets.at(-1) === bytes.length
  return offsets.slice(1).map((to, k) => {
    const word = String.fromCharCode(...bytes.slice(offsets[k], to))
    return isPlain ? word : `untold ${k}`
  })
}

interface Around {
  features: number
  column: number
  columns: number
  weight: number
  lookups: Lookup[]
}

function treeOf(held: Fields, { features, column, columns, weight, lookups }: Around): ForeignTree {
  const list = (key: string): number[] => (held[key] === undefined ? [] : numbersAt(held, key))
  const [left, right] = [list('left_children'), list('right_children')]
  const [conditions, indices] = [list('split_conditions'), list('split_indices')]
  const [defaultLeft, types] = [list('default_left'), list('split_type')]
  if (Number((held.tree_param as Fields | undefined)?.size_leaf_vector ?? 0) > 1)
    throw new UsageError('an XGBoost model with vectors in its leaves (multi_output_tree)')
  if ([right, conditions, indices, defaultLeft].some(all => all.length !== left.length))
    throw new DataError('an XGBoost tree of uneven lists: truncated')
  if (!(column >= 0 && column < columns)) throw new DataError(`no output ${column}`)
  const sets = setsOf(held)
  const tree = makeForeignTree(column)
  for (const [node, child] of left.entries()) {
    if (child < 0) {
      tree.leaf(Math.fround(Math.fround(conditions[node]!) * Math.fround(weight)))
      continue
    }
    const feature = indices[node]!
    const isInside = [child, right[node]!].every(at => at > node && at < left.length)
    if (!isInside || !(feature >= 0 && feature < features))
      throw new DataError(`an XGBoost tree whose node ${node} leads nowhere`)
    const isLeft = defaultLeft[node] === 1
    if (types[node] === 1) {
      const members = sets.get(node) ?? []
      tree.split(features + lookups.push({ feature, members }) - 1, 0.5, isLeft)
    } else tree.split(feature, before(conditions[node]!), isLeft)
    tree.left[node] = child
    tree.right[node] = right[node]!
  }
  return tree
}

/** Categories of each categorical split: segments of one list. */
function setsOf(held: Fields): Map<number, number[]> {
  if (held.categories_nodes === undefined) return new Map()
  const categories = numbersAt(held, 'categories')
  const [from, sizes] = [
    numbersAt(held, 'categories_segments'),
    numbersAt(held, 'categories_sizes'),
  ]
  return new Map(
    numbersAt(held, 'categories_nodes').map((node, k) => [
      node,
      categories.slice(from[k]!, from[k]! + sizes[k]!),
    ]),
  )
}

/** The float32 before a float32, so that x < t is x ≤ before(t) for every float32 x. */
function before(t: number): number {
  const float = Float32Array.of(t)
  const bits = new Int32Array(float.buffer)
  if (Number.isNaN(t) || float[0] === Number.NEGATIVE_INFINITY)
    throw new DataError(`${t} is no condition of a split`)
  if (float[0] === 0) return -1.401298464324817e-45
  bits[0] = bits[0]! + (float[0]! > 0 ? -1 : 1)
  return float[0]!
}
