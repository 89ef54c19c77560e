import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { splitByTime, walkForward } from '../../../../lib/train/data/splits.ts'

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
