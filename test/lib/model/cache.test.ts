import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Bits, makeRowCache } from '../../../lib/model/serve/cache.ts'

/** One row of one input, with a row before it that is never asked for. */
const row = (...numbers: number[]): Bits => [
  new Uint32Array(Float32Array.from([...numbers.map(() => 99), ...numbers]).buffer),
]

test('an answer stands for 60 s of event time, in either direction', () => {
  const cache = makeRowCache<string>(10, [2])
  cache.keep(row(1, 2), 1, 1_000_000, 'a')
  assert.equal(cache.find(row(1, 2), 1, 1_060_000), 'a')
  assert.equal(cache.find(row(1, 2), 1, 1_060_001), undefined)
  assert.equal(cache.find(row(1, 2), 1, 940_000), 'a')
  assert.equal(cache.find(row(1, 2), 1, 939_999), undefined)
  cache.keep(row(1, 2), 1, 1_060_001, 'b')
  assert.equal(cache.find(row(1, 2), 1, 1_060_001), 'b')
  assert.equal(cache.size(), 1)
})

test('unknown features are equal, 0 and −0 are not: a graph may tell them apart', () => {
  const cache = makeRowCache<string>(10, [2])
  cache.keep(row(Number.NaN, 1), 1, 0, 'unknown')
  cache.keep(row(0, 1), 1, 0, 'zero')
  assert.equal(cache.find(row(Number.NaN, 1), 1, 0), 'unknown')
  assert.equal(cache.find(row(-0, 1), 1, 0), undefined)
})

test('a row over several inputs is the same only when all of them are', () => {
  const cache = makeRowCache<string>(10, [1, 2])
  const bits = (a: number, b: number, c: number): Bits => [...row(a), ...row(b, c)]
  cache.keep(bits(1, 2, 3), 1, 0, 'a')
  assert.equal(cache.find(bits(1, 2, 3), 1, 0), 'a')
  for (const other of [bits(0, 2, 3), bits(1, 0, 3), bits(1, 2, 0)])
    assert.equal(cache.find(other, 1, 0), undefined)
})

test('at most so many rows; the one not asked for longest goes first', () => {
  const cache = makeRowCache<number>(3, [1])
  for (const n of [1, 2, 3]) cache.keep(row(n), 1, 0, n)
  assert.equal(cache.find(row(1), 1, 0), 1)
  cache.keep(row(4), 1, 0, 4)
  assert.deepEqual(
    [1, 2, 3, 4].map(n => cache.find(row(n), 1, 0)),
    [1, undefined, 3, 4],
  )
  for (let n = 0; n < 1000; n++) cache.keep(row(n), 1, 0, n)
  assert.equal(cache.size(), 3)
  const none = makeRowCache<number>(0, [1])
  none.keep(row(1), 1, 0, 1)
  assert.equal(none.find(row(1), 1, 0), undefined)
})

/** The same by a Map in order of use. */
function slowCache(bound: number) {
  const kept = new Map<string, string>()
  const touch = (key: string, answer: string): void => {
    kept.delete(key)
    kept.set(key, answer)
    if (kept.size > bound) kept.delete(kept.keys().next().value!)
  }
  return {
    find(key: string): string | undefined {
      const answer = kept.get(key)
      if (answer !== undefined) touch(key, answer)
      return answer
    },
    keep: touch,
  }
}

test('it does what a map in order of use does, whatever is asked and kept', () => {
  const numbers = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 2, maxLength: 2 })
  const steps = fc.array(fc.tuple(fc.boolean(), numbers), { maxLength: 200 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (all, bound) => {
      const [cache, slow] = [makeRowCache<string>(bound, [2]), slowCache(bound)]
      for (const [isKept, pair] of all) {
        if (isKept) {
          cache.keep(row(...pair), 1, 0, pair.join())
          slow.keep(pair.join(), pair.join())
        } else assert.equal(cache.find(row(...pair), 1, 0), slow.find(pair.join()))
      }
    }),
  )
})
