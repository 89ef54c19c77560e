import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeRng } from '../../../../lib/base/rng.ts'
import { takeRows } from '../../../../lib/table/table.ts'
import { runFit } from '../../../../lib/train/tabular/fit-on-threads.ts'
import { trainBoost } from '../../../../lib/train/trees/boost.ts'
import { predictEnsemble, rawScores } from '../../../../lib/train/trees/ensemble.ts'
import { trainForest } from '../../../../lib/train/trees/forest.ts'
import { about, SPLIT, settings } from '../../model/fixture.ts'

/**
 * Three classes by x₀ and x₁, a 0/1 label by them, a tenth unknown; a dozen columns, so that
 * threads are worth it.
 */
function examples(rows: number) {
  const rng = makeRng('threads')
  const columns = Array.from({ length: 12 }, () =>
    Float32Array.from({ length: rows }, () => (rng.next() < 0.1 ? Number.NaN : rng.normal())),
  )
  const at = (f: number, i: number): number => columns[f]?.[i] || 0
  const score = Array.from(
    { length: rows },
    (_, i) => at(0, i) + 0.7 * at(1, i) * at(2, i) + rng.normal(),
  )
  return {
    table: { names: columns.map((_, f) => `f${f}`), rows, columns },
    label: Float64Array.from(score, z => Number(z > 0)),
    classes: Float64Array.from(score, z => (z < -1 ? 0 : z < 1 ? 1 : 2)),
    time: Float64Array.from(score, (_, i) => i * 60_000),
  }
}

const WHOLE = examples(5000)

for (const algo of ['gbdt', 'forest'] as const) {
  test(`${algo}: one to three threads make one model, and the terminal stays alive`, async () => {
    const { table, label, time } = WHOLE
    const more = { algo, rounds: 25, trees: 25, minLeaf: 10, rowShare: 0.8, featureShare: 0.6 }
    const options = {
      whole: { table, label, time },
      head: 'p',
      settings: settings(more),
      split: SPLIT,
      about: about('x', '1'),
    }
    const run = async (threads: number) => {
      let [ticks, rounds] = [0, 0]
      const timer = setInterval(() => ticks++, 2)
      const found = await runFit(
        { options, folds: 0, importance: false },
        { threads, onRound: () => rounds++ },
      )
      clearInterval(timer)
      assert.ok(ticks > 5 && rounds >= 5, `${ticks} ticks, ${rounds} rounds`)
      return found
    }
    const [one, two, three] = [await run(1), await run(2), await run(3)]
    assert.deepEqual(two?.trained.fitted, one?.trained.fitted)
    assert.deepEqual(three?.trained.fitted, one?.trained.fitted)
    assert.deepEqual(two?.metrics, one?.metrics)
  })
}

test('stopping ends the threads and gives nothing; errors arrive as they were thrown', async () => {
  const { table, label, time } = WHOLE
  const options = {
    whole: { table, label, time },
    head: 'p',
    settings: settings({ rounds: 10_000, patience: 0 }),
    split: SPLIT,
    about: about('x', '1'),
  }
  const stop = new AbortController()
  const found = await runFit(
    { options, folds: 0, importance: false },
    { threads: 2, signal: stop.signal, onRound: () => stop.abort() },
  )
  assert.equal(found, undefined)
  const flat = { ...options, whole: { table, time, label: label.map(() => 1) } }
  await assert.rejects(runFit({ options: flat, folds: 0, importance: false }, { threads: 2 }), {
    code: 3,
    message: /two classes are needed/,
  })
})

test(
  'a forest of classes: shares sum to one, rows of a class get it, out of bag is no better ' +
    'than held out',
  () => {
    const { table, classes } = WHOLE
    const half = (from: number) => {
      const rows = Int32Array.from({ length: 2500 }, (_, i) => from + i)
      return { table: takeRows(table, rows), label: classes.slice(from, from + 2500) }
    }
    const [train, held] = [half(0), half(2500)]
    const made = trainForest(train, { trees: 40, objective: 'classes', classes: 3, minLeaf: 5 })
    assert.equal(made.ensemble.trees.length, 120)
    const hits = (columns: readonly Float64Array[], label: Float64Array): number =>
      label.reduce(
        (n, y, i) => n + Number(columns.every(other => columns[y]![i]! >= other[i]!)),
        0,
      ) / label.length
    const columns = predictEnsemble(made.ensemble, held.table)
    for (let i = 0; i < 2500; i++)
      assert.ok(Math.abs(columns.reduce((sum, c) => sum + c[i]!, 0) - 1) < 1e-5)
    const [found, bagged] = [hits(columns, held.label), hits(made.outOfBag, train.label)]
    // Always saying the middle class would be right in half of the rows; standard error .01.
    assert.ok(found > 0.55, `${found}`)
    assert.ok(Math.abs(found - bagged) < 0.05, `${found}, out of bag ${bagged}`)
  },
)

test('monotone: whatever the data, the score never moves against the constraint', () => {
  const number = fc.double({ min: -5, max: 5, noNaN: true })
  const row = fc.tuple(number, number, fc.boolean(), fc.constantFrom(0, 1))
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 12, maxLength: 60 }),
      fc.constantFrom(1, -1),
      (rows, way) => {
        const label = Float64Array.from(rows, r => r[3])
        fc.pre(label.includes(0) && label.includes(1))
        const columns = [
          Float32Array.from(rows, r => (r[2] ? Number.NaN : r[0])),
          Float32Array.from(rows, r => r[1]),
        ]
        const table = { names: ['a', 'b'], rows: rows.length, columns }
        const objective = rows.length % 2 === 0 ? 'binary' : 'regression'
        const { ensemble } = trainBoost(
          { table, label },
          { objective, rounds: 15, minLeaf: 1, minHessian: 0, leaves: 8, monotone: [way, 0] },
        )
        const steps = Float32Array.from({ length: 41 }, (_, i) => -5.5 + 0.275 * i)
        for (const other of [...columns[1]!.slice(0, 8), Number.NaN]) {
          const grid = {
            names: ['a', 'b'],
            rows: 41,
            columns: [steps, new Float32Array(41).fill(other)],
          }
          const [scores] = rawScores(ensemble, grid)
          for (let i = 1; i < 41; i++)
            assert.ok(way * (scores![i]! - scores![i - 1]!) >= 0, `at ${steps[i]}, ${other}`)
        }
      },
    ),
    { numRuns: 60 },
  )
})

test('monotone: the constraint costs nothing where the data agree, and classes refuse it', () => {
  const { table, label, classes } = WHOLE
  const [early, late] = [0, 2500].map(from =>
    takeRows(
      table,
      Int32Array.from({ length: 2500 }, (_, i) => from + i),
    ),
  )
  const hits = (monotone: number[]): number => {
    const train = { table: early!, label: label.slice(0, 2500) }
    const [p] = predictEnsemble(
      trainBoost(train, { objective: 'binary', rounds: 20, monotone }).ensemble,
      late!,
    )
    return (
      label.slice(2500).reduce((sum, y, i) => sum + Number(p![i]! > 0.5 === (y === 1)), 0) / 2500
    )
  }
  const free = hits(table.names.map(() => 0))
  const [rising, falling] = [1, -1].map(way =>
    hits(table.names.map((_, f) => (f === 0 ? way : 0))),
  ) as [number, number]
  assert.ok(rising > free - 0.02, `${rising} of ${free}`)
  assert.ok(falling < free - 0.02, `${falling} of ${free}`)
  assert.throws(
    () =>
      trainBoost(
        { table, label: classes },
        { objective: 'multiclass', classes: 3, monotone: table.names.map(() => 1) },
      ),
    /needs a 0\/1 label or a number/,
  )
})
