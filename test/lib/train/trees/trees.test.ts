import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeRng } from '../../../../lib/base/rng.ts'
import { auc } from '../../../../lib/maths/auc.ts'
import type { Table } from '../../../../lib/table/table.ts'
import { edgesOf } from '../../../../lib/train/trees/bins.ts'
import { type BoostOptions, trainBoost } from '../../../../lib/train/trees/boost.ts'
import { gainImportance, predictEnsemble } from '../../../../lib/train/trees/ensemble.ts'
import { trainForest } from '../../../../lib/train/trees/forest.ts'

const tableOf = (...columns: number[][]): Table => ({
  names: columns.map((_, f) => `f${f}`),
  rows: columns[0]!.length,
  columns: columns.map(column => Float32Array.from(column)),
})
const near = (actual: ArrayLike<number>, expected: number[], tolerance = 1e-6) =>
  expected.forEach((value, i) => {
    assert.ok(Math.abs(actual[i]! - value) < tolerance, `row ${i}: ${actual[i]} is not ${value}`)
  })
const binary = (options: Partial<BoostOptions>): BoostOptions => ({
  objective: 'binary',
  minLeaf: 1,
  minHessian: 0,
  ...options,
})

test('two stumps on four rows: scikit-learn GradientBoostingClassifier', () => {
  const train = { table: tableOf([1, 2, 3, 4]), label: Float64Array.of(0, 0, 1, 1) }
  const one = trainBoost(train, binary({ rounds: 1, leaves: 2 }))
  near(
    predictEnsemble(one.ensemble, train.table)[0]!,
    [0.45016600268752216, 0.45016600268752216, 0.549833997312478, 0.549833997312478],
  )
  const two = trainBoost(train, binary({ rounds: 2, leaves: 2 }))
  near(
    predictEnsemble(two.ensemble, train.table)[0]!,
    [0.4056752136293749, 0.4056752136293749, 0.5943247863706251, 0.5943247863706251],
  )
})

test('eight rows, two leaves: scikit-learn HistGradientBoostingClassifier', () => {
  const train = {
    table: tableOf([0, 1, 2, 3, 4, 5, 6, 7]),
    label: Float64Array.of(0, 0, 0, 1, 1, 0, 1, 1),
  }
  const one = trainBoost(train, binary({ rounds: 1, leaves: 2 }))
  near(
    predictEnsemble(one.ensemble, train.table)[0]!,
    [0.450166, 0.450166, 0.450166, 0.52996405, 0.52996405, 0.52996405, 0.52996405, 0.52996405],
  )
  const two = trainBoost(train, binary({ rounds: 2, leaves: 2 }))
  near(
    predictEnsemble(two.ensemble, train.table)[0]!,
    [0.40567521, 0.40567521, 0.40567521, 0.55685397],
  )
})

test('unknown values take the side that removes more loss', () => {
  const x = [1, 2, 3, 4, Number.NaN, Number.NaN, Number.NaN, Number.NaN]
  const train = { table: tableOf(x), label: Float64Array.of(0, 0, 1, 1, 1, 1, 1, 1) }
  const { ensemble } = trainBoost(train, binary({ rounds: 1, leaves: 2 }))
  const [p] = predictEnsemble(ensemble, train.table)
  assert.equal(p![4], p![3])
  assert.ok(p![0]! < p![4]!)
})

test('a split of known against unknown is possible', () => {
  const train = {
    table: tableOf([1, 2, Number.NaN, Number.NaN]),
    label: Float64Array.of(0, 0, 1, 1),
  }
  const { ensemble } = trainBoost(train, binary({ rounds: 1, leaves: 2 }))
  const [p] = predictEnsemble(ensemble, train.table)
  assert.equal(p![0], p![1])
  assert.ok(p![0]! < 0.5 && p![2]! > 0.5)
})

test('weights count as repeated rows', () => {
  const table = tableOf([1, 2, 3, 4])
  const weighted = trainBoost(
    { table, label: Float64Array.of(0, 1, 0, 1), weight: Float64Array.of(1, 3, 1, 1) },
    binary({ rounds: 3, leaves: 3 }),
  )
  const repeated = { table: tableOf([1, 2, 2, 2, 3, 4]), label: Float64Array.of(0, 1, 1, 1, 0, 1) }
  const plain = trainBoost(repeated, binary({ rounds: 3, leaves: 3 }))
  near(predictEnsemble(weighted.ensemble, table)[0]!, [
    ...predictEnsemble(plain.ensemble, table)[0]!,
  ])
})

/** 0/1 with P = σ(2x₀ + x₁x₂) among noise features; a tenth of the values unknown. */
function noisy(rows: number, seed: string) {
  const rng = makeRng(seed)
  const columns = Array.from({ length: 6 }, () =>
    Array.from({ length: rows }, () => (rng.next() < 0.1 ? Number.NaN : rng.normal())),
  )
  const label = Float64Array.from({ length: rows }, (_, i) => {
    const at = (f: number) => (Number.isNaN(columns[f]![i]) ? 0 : columns[f]![i]!)
    return rng.next() < 1 / (1 + Math.exp(-2 * at(0) - at(1) * at(2))) ? 1 : 0
  })
  return { table: tableOf(...columns), label }
}

test('learns signal, ranks the informative feature first, stops early on a later slice', () => {
  const [train, valid, held] = [noisy(2000, 'train'), noisy(600, 'valid'), noisy(2000, 'test')]
  const found = trainBoost(train, { objective: 'binary', rounds: 300, valid, patience: 10 })
  assert.ok(found.rounds < 300 && found.rounds === found.ensemble.trees.length)
  const best = Math.min(...found.validLoss)
  assert.equal(found.validLoss[found.rounds - 1], best)
  const area = auc(held.label, predictEnsemble(found.ensemble, held.table)[0]!)!.auc
  assert.ok(area > 0.8, `AUC ${area}`)
  const shares = gainImportance(found.ensemble, 6)
  assert.equal(shares.indexOf(Math.max(...shares)), 0)
})

test('same seed, same trees; another seed with sampling, others', () => {
  const train = noisy(500, 'same')
  const run = (seed: number) =>
    trainBoost(train, { objective: 'binary', rounds: 5, rowShare: 0.7, featureShare: 0.5, seed })
      .ensemble
  assert.deepEqual(run(1), run(1))
  assert.notDeepEqual(run(1), run(2))
})

test('multiclass probabilities sum to one; regression finds the mean of each leaf', () => {
  const rng = makeRng('multi')
  const x = Array.from({ length: 900 }, () => 3 * rng.next())
  const label = Float64Array.from(x, value => Math.floor(value))
  const { ensemble } = trainBoost(
    { table: tableOf(x), label },
    { objective: 'multiclass', classes: 3, rounds: 30 },
  )
  const columns = predictEnsemble(ensemble, tableOf([0.5, 1.5, 2.5]))
  for (let i = 0; i < 3; i++) {
    assert.ok(columns[i]![i]! > 0.9)
    assert.ok(Math.abs(columns.reduce((sum, column) => sum + column[i]!, 0) - 1) < 1e-12)
  }
  const steps = trainBoost(
    { table: tableOf([1, 1, 9, 9]), label: Float64Array.of(2, 4, 8, 10) },
    { objective: 'regression', rounds: 200, rate: 0.2, minLeaf: 1, leaves: 2 },
  )
  near(predictEnsemble(steps.ensemble, tableOf([1, 9]))[0]!, [3, 9])
})

test('hostile tables are refused by name or give a constant model', () => {
  const two = Float64Array.of(0, 1, 0, 1)
  const constant = (column: number[]) => {
    const { ensemble } = trainBoost({ table: tableOf(column), label: two }, { objective: 'binary' })
    assert.deepEqual(
      [...new Set(predictEnsemble(ensemble, tableOf([0, 1e9, Number.NaN]))[0])],
      [0.5],
    )
  }
  constant([1, 1, 1, 1])
  constant([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
  constant([1, 2, 3, 4])
  const train =
    (label: number[], column = [1, 2, 3, 4]) =>
    () =>
      trainBoost(
        { table: tableOf(column), label: Float64Array.from(label) },
        { objective: 'binary' },
      )
  assert.throws(train([1, 1, 1, 1]), /all 4 rows are 1; two classes are needed/)
  assert.throws(train([0, 1, 2, 1]), /row 3 is 2, expected a class from 0 to 1/)
  assert.throws(train([0, 1, Number.NaN, 1]), /row 3 is NaN/)
  assert.throws(train([], []), /no rows/)
})

test('infinities are values like others', () => {
  const x = [Number.NEGATIVE_INFINITY, -1, 1, Number.POSITIVE_INFINITY]
  const { ensemble } = trainBoost(
    { table: tableOf(x), label: Float64Array.of(0, 0, 1, 1) },
    binary({ rounds: 1, leaves: 2 }),
  )
  const [p] = predictEnsemble(ensemble, tableOf(x))
  assert.deepEqual(
    [...p!].map(value => value > 0.5),
    [false, false, true, true],
  )
})

test('bin edges separate neighbours, rise strictly and stay within the bound', () => {
  const value = fc.oneof(
    fc.float(),
    fc.constantFrom(0, -0, 1, Number.NaN, 3.4028234663852886e38, 1e-45),
  )
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 600 }),
      fc.integer({ min: 2, max: 255 }),
      (values, bins) => {
        const column = Float32Array.from(values)
        const edges = edgesOf(column, bins)
        assert.ok(edges.length < bins)
        for (let k = 1; k < edges.length; k++) assert.ok(edges[k]! > edges[k - 1]!)
        const distinct = new Set([...column].filter(x => !Number.isNaN(x)).map(x => x + 0))
        if (distinct.size <= bins && distinct.size > 0)
          assert.equal(edges.length, distinct.size - 1)
      },
    ),
  )
})

test('a forest averages, its out-of-bag score is honest, leaves hold at least their rows', () => {
  const [train, held] = [noisy(1500, 'forest'), noisy(1500, 'forest-test')]
  const { ensemble, outOfBag } = trainForest(train, { trees: 60, minLeaf: 10, seed: 4 })
  const area = auc(held.label, predictEnsemble(ensemble, held.table)[0]!)!.auc
  const bagged = auc(train.label, outOfBag[0]!)!.auc
  assert.ok(area > 0.78, `AUC ${area}`)
  // Standard error of either is about .011: the out-of-bag area must agree, the area on seen rows
  // would not.
  assert.ok(Math.abs(bagged - area) < 0.045, `out of bag ${bagged}, held out ${area}`)
  for (const tree of ensemble.trees) {
    assert.ok(tree.feature.filter(feature => feature < 0).length > 1)
    tree.feature.forEach((feature, node) => {
      if (feature < 0) assert.ok(tree.cover[node]! >= 10)
    })
  }
  assert.deepEqual(
    trainForest(train, { trees: 2, seed: 4 }).ensemble,
    trainForest(train, { trees: 2, seed: 4 }).ensemble,
  )
})
