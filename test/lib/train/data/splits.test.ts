import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { combinationCount, combinations } from '../../../../lib/maths/combinations.ts'
import { combinatorial, splitByTime, walkForward } from '../../../../lib/train/data/splits.ts'

test('ten rows, 60/20/20 with a horizon of one step', () => {
  const time = Float64Array.from({ length: 10 }, (_, i) => i * 100)
  const { train, valid, test: last } = splitByTime(time, { valid: 0.2, test: 0.2, horizon: 100 })
  // Boundaries at 600 and 800: row 500 (label known at 600) and row 700 (at 800) are purged.
  assert.deepEqual([...train], [0, 1, 2, 3, 4])
  assert.deepEqual([...valid], [6])
  assert.deepEqual([...last], [8, 9])
})

test('the embargo frees the start of each later part', () => {
  const time = Float64Array.from({ length: 10 }, (_, i) => i * 100)
  const { valid } = splitByTime(time, { valid: 0.4, test: 0, embargo: 150 })
  assert.deepEqual([...valid], [8, 9])
})

test(
  'whatever the times: no label of an earlier part reaches into a later one, no group on both ' +
    'sides',
  () => {
    const row = fc.record({
      t: fc.integer({ min: 0, max: 5000 }),
      group: fc.integer({ min: 0, max: 6 }),
    })
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 0, max: 500 }),
        (rows, horizon) => {
          const time = Float64Array.from(rows, r => r.t)
          const groups = Int32Array.from(rows, r => r.group)
          const splits = [
            splitByTime(time, { horizon, groups }),
            ...walkForward(time, 3, { horizon, groups }),
          ]
          for (const { train, valid, test: last } of splits) {
            for (const [early, late] of [
              [train, valid],
              [valid, last],
              [train, last],
            ] as const) {
              const first = Math.min(...Array.from(late, i => time[i]!))
              for (const i of early) assert.ok(time[i]! + horizon < first)
              const held = new Set(Array.from(late, i => groups[i]))
              for (const i of early) assert.ok(!held.has(groups[i]))
            }
          }
        },
      ),
    )
  },
)

test('walk-forward folds move on and the last reaches the end', () => {
  const time = Float64Array.from({ length: 40 }, (_, i) => i)
  const folds = walkForward(time, 3, { valid: 0.2 })
  assert.deepEqual(
    folds.map(fold => fold.test[0]),
    [10, 20, 30],
  )
  assert.deepEqual(
    folds.map(fold => fold.test.length),
    [10, 10, 10],
  )
  assert.deepEqual(
    folds.map(fold => fold.train.length),
    [8, 16, 24],
  )
})

test('ways to take some of many, counted and in order', () => {
  // Pascal’s triangle: row 6 is 1 6 15 20 15 6 1.
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].map(k => combinationCount(6, k)),
    [1, 6, 15, 20, 15, 6, 1],
  )
  const pairs = combinations(4, 2).map(pair => pair.join(''))
  assert.deepEqual(pairs, ['01', '02', '03', '12', '13', '23'])
  for (const [n, k] of [
    [6, 2],
    [10, 3],
    [5, 5],
  ] as const)
    assert.equal(new Set(combinations(n, k).map(String)).size, combinationCount(n, k))
})

test('combinatorial splits of twelve rows: purged on both sides of what is tested, by hand', () => {
  const time = Float64Array.from({ length: 12 }, (_, i) => i * 100)
  const groups = { groups: 6, tested: 2 }
  const rowsOf = (options = {}) => {
    const splits = combinatorial(time, groups, { valid: 0, ...options })
    // Six groups of two rows, two at a time: 15 splits (López de Prado 2018, figure 12.1).
    assert.equal(splits.length, 15)
    const found = splits.find(({ tested }) => tested.map(({ group }) => group).join('') === '03')!
    assert.deepEqual(
      found.tested.map(({ rows }) => [...rows]),
      [
        [0, 1],
        [6, 7],
      ],
    )
    return [...found.train]
  }
  assert.deepEqual(rowsOf(), [2, 3, 4, 5, 8, 9, 10, 11])
  // A label is known a row later: row 2 at 200 begins as that of row 1 is known, that of row 5 is
  // known as row 6 begins, and row 8 begins as that of row 7 is known.
  assert.deepEqual(rowsOf({ horizon: 100 }), [3, 4, 9, 10, 11])
  assert.deepEqual(rowsOf({ horizon: 100, embargo: 100 }), [4, 10, 11])
  // The last of what is left is for validation.
  const [first] = combinatorial(time, groups, { valid: 0.25 })
  assert.deepEqual(
    [[...first!.train], [...first!.valid]],
    [
      [4, 5, 6, 7, 8, 9],
      [10, 11],
    ],
  )
})

test(
  'whatever the times: every row is tested in tested/groups of the splits, and no label that is ' +
    'learned from knows of one that is tested',
  () => {
    const row = fc.record({
      t: fc.integer({ min: 0, max: 5000 }),
      group: fc.integer({ min: 0, max: 6 }),
    })
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { minLength: 12, maxLength: 40, selector: ({ t }) => t }),
        fc.constantFrom([4, 2], [5, 2], [6, 3]),
        fc.integer({ min: 0, max: 300 }),
        (rows, [groups = 0, tested = 0], horizon) => {
          const time = Float64Array.from(rows, r => r.t)
          const tokens = Int32Array.from(rows, r => r.group)
          const counts = new Int32Array(rows.length)
          const splits = combinatorial(time, { groups, tested }, { horizon, groups: tokens })
          for (const { tested: asked, train, valid } of splits) {
            const judged = asked.flatMap(each => [...each.rows])
            for (const i of judged) counts[i] = counts[i]! + 1
            const held = new Set(judged.map(i => tokens[i]))
            for (const i of [...train, ...valid]) {
              assert.ok(!held.has(tokens[i]))
              for (const j of judged) assert.ok(Math.abs(time[i]! - time[j]!) > horizon)
            }
          }
          const paths = (tested / groups) * splits.length
          assert.deepEqual([...new Set(counts)], [paths])
        },
      ),
      { numRuns: 50 },
    )
  },
)

test('times that cannot be cut into so many groups are refused', () => {
  assert.throws(() => combinatorial(new Float64Array(10), { groups: 6, tested: 2 }), {
    code: 3,
    message: /of 6 groups by time, group 1 has no rows/,
  })
})
