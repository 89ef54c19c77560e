/**
 * What files of LightGBM, XGBoost and CatBoost say of a row, walked node by node in doubles,
 * straight from what their programs document of the formats and from nothing of ours.
 */

/** Answers of a model to one row. */
export type Says = (row: ArrayLike<number>) => number[]

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

function softmax(sums: readonly number[]): number[] {
  const powers = sums.map(sum => Math.exp(sum - Math.max(...sums)))
  const total = powers.reduce((all, power) => all + power, 0)
  return powers.map(power => power / total)
}

/**
 * LightGBM’s text (include/LightGBM/tree.h: NumericalDecision, CategoricalDecision): ≤ goes left;
 * decision_type holds 1 for categories, 2 for unknown to the left, from bit 2 what is unknown: 0
 * nothing, so that NaN is 0, 1 zeros (|x| ≤ 1e-35f) and NaN, 2 NaN. Categories are bits of words.
 */
export function lightgbmSays(text: string): Says {
  const trees = text
    .split(/^Tree=\d+$/m)
    .slice(1)
    .map(part => {
      const list = (key: string): number[] =>
        (new RegExp(`^${key}=(.*)$`, 'm').exec(part)?.[1] ?? '').trim().split(' ').map(Number)
      return {
        feature: list('split_feature'),
        threshold: list('threshold'),
        decision: list('decision_type'),
        left: list('left_child'),
        right: list('right_child'),
        leaf: list('leaf_value'),
        bounds: list('cat_boundaries'),
        words: list('cat_threshold'),
      }
    })
  const isBinary = /^objective=binary/m.test(text)
  return row => {
    let sum = 0
    for (const tree of trees) {
      let node = 0
      while (node >= 0) {
        let x = row[tree.feature[node]!]!
        const type = tree.decision[node]!
        const at = tree.threshold[node]!
        let isLeft: boolean
        if (type & 1) {
          const category = Number.isNaN(x) ? -1 : Math.trunc(x)
          const words = tree.words.slice(tree.bounds[at]!, tree.bounds[at + 1]!)
          const word = category < 0 ? undefined : words[Math.floor(category / 32)]
          isLeft = word !== undefined && ((word >>> (category % 32)) & 1) === 1
        } else {
          const missing = (type >> 2) & 3
          if (missing !== 2 && Number.isNaN(x)) x = 0
          const isUnknown =
            missing === 1 ? Math.abs(x) <= Math.fround(1e-35) : missing === 2 && Number.isNaN(x)
          isLeft = isUnknown ? (type & 2) !== 0 : x <= at
        }
        node = isLeft ? tree.left[node]! : tree.right[node]!
      }
      sum += tree.leaf[-node - 1]!
    }
    return [isBinary ? sigmoid(sum) : sum]
  }
}

interface XgbTree {
  left_children: number[]
  right_children: number[]
  split_indices: number[]
  split_conditions: number[]
  split_type: number[]
  default_left: number[]
  categories: number[]
  categories_nodes: number[]
  categories_segments: number[]
  categories_sizes: number[]
}

/**
 * XGBoost’s JSON (doc/model.schema, numbers of float32): x < condition goes left, categories of the
 * list go right, those that cannot be left; unknown goes where default_left says.
 */
export function xgboostSays(text: string): Says {
  const { learner } = JSON.parse(text)
  const booster = learner.gradient_booster
  const model = booster.name === 'dart' ? booster.gbtree.model : booster.model
  const weights: number[] = booster.weight_drop ?? []
  const about = learner.learner_model_param
  const columns = Math.max(1, Number(about.num_class))
  const scores = String(about.base_score).replace(/[[\]]/g, '').split(',').map(Number)
  const isBinary = learner.objective.name === 'binary:logistic'
  const leafOf = (tree: XgbTree, row: ArrayLike<number>): number => {
    let node = 0
    while (tree.left_children[node] !== -1) {
      const x = row[tree.split_indices[node]!]!
      let isLeft = x < Math.fround(tree.split_conditions[node]!)
      if (tree.split_type[node] === 1) {
        const k = tree.categories_nodes.indexOf(node)
        const from = tree.categories_segments[k]!
        const set = tree.categories.slice(from, from + tree.categories_sizes[k]!)
        isLeft = !set.includes(Math.trunc(x)) || x < 0
      }
      if (Number.isNaN(x)) isLeft = tree.default_left[node] === 1
      node = (isLeft ? tree.left_children : tree.right_children)[node]!
    }
    return tree.split_conditions[node]!
  }
  return row => {
    const sums = Array.from({ length: columns }, (_, k) => {
      const score = scores[k] ?? scores[0]!
      return isBinary ? Math.log(score / (1 - score)) : score
    })
    for (const [t, tree] of (model.trees as XgbTree[]).entries())
      sums[Number(model.tree_info[t])]! += leafOf(tree, row) * (weights[t] ?? 1)
    return isBinary ? [sigmoid(sums[0]!)] : softmax(sums)
  }
}

interface CatSplit {
  split_type: string
  split_index: number
  border: number
  float_feature_index: number
  value: number
}
interface CatNode {
  split?: CatSplit
  left: CatNode
  right: CatNode
  value: number
}

/**
 * CatBoost’s JSON of two classes and one categorical feature (catboost/docs, model_export,
 * ctr_calcer.py): x > border is true, bit i of a leaf’s number is split i. A statistic of the type
 * Borders is (rows of class 1 + prior) / (rows + weight of the prior), moved and scaled.
 */
export function catboostSays(text: string): Says {
  const model = JSON.parse(text)
  const { float_features: floats, categorical_features: own, ctrs = [] } = model.features_info
  const hashes = new Map<string, number>(
    model.features_info.cat_features_hash.map((each: { hash: number; value: string }) => [
      each.value,
      each.hash | 0,
    ]),
  )
  const values = floats.reduce((sum: number, each: { borders: [] | null }) => {
    return sum + (each.borders?.length ?? 0)
  }, own[0].values?.length ?? 0)
  const ctrsByIndex = ctrs.flatMap((ctr: { borders: number[] }) => ctr.borders.map(() => ctr))
  const statistic = (index: number, hash: number | undefined): number => {
    const ctr = ctrsByIndex[index - values]
    const { hash_map: table, hash_stride: stride } = model.ctr_data[ctr.identifier]
    const factor = 0x4906ba494954cb65n
    const key = factor * ((factor * BigInt(hash ?? 0)) & (2n ** 64n - 1n))
    const at = hash === undefined ? -1 : table.indexOf(String(key & (2n ** 64n - 1n)))
    const [no, yes] = at < 0 ? [0, 0] : table.slice(at + 1, at + stride)
    const part = (yes + ctr.prior_numerator) / (yes + no + ctr.prior_denomerator)
    return (part + ctr.shift) * ctr.scale
  }
  const isTrue = (split: CatSplit, row: ArrayLike<number>): boolean => {
    const category = row[own[0].flat_feature_index]!
    const hash = hashes.get(String(category))
    if (split.split_type === 'OneHotFeature') return hash === split.value
    if (split.split_type === 'OnlineCtr') return statistic(split.split_index, hash) > split.border
    const feature = floats.find(
      (each: { feature_index: number }) => each.feature_index === split.float_feature_index,
    )
    const x = row[feature.flat_feature_index]!
    return Number.isNaN(x) ? feature.nan_value_treatment === 'AsTrue' : x > split.border
  }
  const nested = (node: CatNode, row: ArrayLike<number>): number => {
    if (node.split === undefined) return node.value
    return nested(isTrue(node.split, row) ? node.right : node.left, row)
  }
  const [scale, [bias]] = model.scale_and_bias
  return row => {
    let sum = 0
    for (const tree of model.oblivious_trees ?? [])
      sum +=
        tree.leaf_values[
          tree.splits.reduce(
            (leaf: number, split: CatSplit, i: number) => leaf + (isTrue(split, row) ? 2 ** i : 0),
            0,
          )
        ]
    for (const tree of model.trees ?? []) sum += nested(tree, row)
    const p = sigmoid(sum * scale + bias)
    return [1 - p, p]
  }
}
