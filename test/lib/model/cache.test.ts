import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeRowCache } from '../../../lib/model/cache.ts'

const row = (...numbers: number[]): Float32Array => Float32Array.from(numbers)

test('an answer stands for 60 s of event time, in either direction', () => {
  const cache = makeRowCache<string>(10)
  cache.put(row(1, 2), 1_000_000, 'a')
  assert.equal(cache.get(row(1, 2), 1_060_000), 'a')
  assert.equal(cache.get(row(1, 2), 1_060_001), undefined)
  assert.equal(cache.get(row(1, 2), 940_000), 'a')
  assert.equal(cache.get(row(1, 2), 939_999), undefined)
})

test('unknown features compare as equal, 0 and −0 as different: a graph may tell them apart', () => {
  const cache = makeRowCache<string>(10)
  cache.put(row(Number.NaN, 1), 0, 'unknown')
  cache.put(row(0, 1), 0, 'zero')
  assert.equal(cache.get(row(Number.NaN, 1), 0), 'unknown')
  assert.equal(cache.get(row(-0, 1), 0), undefined)
  assert.equal(cache.get(row(Number.NaN), 0), undefined)
})

test('at most so many rows; the one not asked for longest goes first', () => {
  const cache = makeRowCache<number>(3)
  for (const n of [1, 2, 3]) cache.put(row(n), 0, n)
  assert.equal(cache.get(row(1), 0), 1)
  cache.put(row(4), 0, 4)
  assert.deepEqual(
    [1, 2, 3, 4].map(n => cache.get(row(n), 0)),
    [1, undefined, 3, 4],
  )
  for (let n = 0; n < 1000; n++) cache.put(row(n), 0, n)
  assert.equal(cache.size(), 3)
  const none = makeRowCache<number>(0)
  none.put(row(1), 0, 1)
  assert.equal(none.size(), 0)
})

test('it never gives the answer of another row, whatever the rows', () => {
  const rows = fc.array(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 4 }), { maxLength: 60 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 5 }), (all, bound) => {
      const cache = makeRowCache<string>(bound)
      for (const numbers of all) {
        const found = cache.get(row(...numbers), 0)
        assert.ok(found === undefined || found === numbers.join(), `${numbers} gave ${found}`)
        cache.put(row(...numbers), 0, numbers.join())
        assert.equal(cache.get(row(...numbers), 0), numbers.join())
      }
    }),
  )
})
