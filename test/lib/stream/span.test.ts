import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countKeys, countKeysInText, MAX_DEPTH, spanOf } from '../../../lib/stream/span.ts'

const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>, {
  maxKeys: 6,
})

test('the span of a key is the text of its value, whatever stands around it', () => {
  fc.assert(
    fc.property(json, fc.constantFrom(0, 1, 2), (object, indent) => {
      const raw = JSON.stringify(object, null, indent)
      const parsed = JSON.parse(raw)
      for (const key of Object.keys(parsed)) {
        const [from, to] = spanOf(raw, key)
        assert.deepEqual(JSON.parse(raw.slice(from, to)), parsed[key])
      }
    }),
  )
})

test('keys in the text and in the value are as many when no key is given twice', () => {
  fc.assert(
    fc.property(json, object => {
      const raw = JSON.stringify(object)
      assert.equal(countKeysInText(raw), countKeys(JSON.parse(raw)))
    }),
  )
})

test('a key given twice shows at any depth, also when one of the two is escaped', () => {
  for (const raw of [
    '{"a":1,"a":2}',
    '{"x":[{"a":1,"a":2}]}',
    '{"a":1,"\\u0061":2}',
    '{"":1,"":1}',
  ]) {
    assert.ok(countKeysInText(raw) > countKeys(JSON.parse(raw)), raw)
  }
})

test('a hostile depth is refused instead of exhausting the stack', () => {
  const deep = (n: number): unknown => JSON.parse('['.repeat(n) + ']'.repeat(n))
  assert.equal(countKeys({ a: deep(MAX_DEPTH - 1) }), 1)
  assert.throws(() => countKeys(deep(100_000)), RangeError)
})
