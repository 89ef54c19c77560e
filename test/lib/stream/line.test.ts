import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Rec } from '../../../lib/records/record.ts'
import { encode } from '../../../lib/stream/encode.ts'
import { makeLine, mergePart, setPart } from '../../../lib/stream/line.ts'
import { parseLine } from '../../../lib/stream/parse.ts'

const base = '{"v":1,"id":"a:1","ts":5,"kind":"tick","source":"x"'
const quality = { score: 87, marks: ['gap'] }

test('an absent part is spliced in at the end; every byte before it stays', () => {
  const line = parseLine(`${base}, "odd" : 1.50e1 , "big":12345678901234567890 } `, 1)
  setPart(line, 'quality', quality)
  assert.equal(
    line.raw,
    `${base}, "odd" : 1.50e1 , "big":12345678901234567890 ,"quality":{"score":87,"marks":["gap"]}}`,
  )
})

test('a present part is replaced in its place', () => {
  const line = parseLine(`${base},"quality":{"score":1,"marks":[]},"big":12345678901234567890}`, 1)
  setPart(line, 'quality', quality)
  assert.equal(
    line.raw,
    `${base},"quality":{"score":87,"marks":["gap"]},"big":12345678901234567890}`,
  )
})

test('maps merge by name and a repeated step gives the same bytes', () => {
  const line = parseLine(`${base}}`, 1)
  const entry = (value: number) => ({ hash: 'h', ready: true, values: { value } })
  mergePart(line, 'features', { pool: entry(1) })
  mergePart(line, 'features', { price: entry(2) })
  const once = line.raw
  mergePart(line, 'features', { pool: entry(1) })
  assert.equal(line.raw, once)
  assert.deepEqual(Object.keys(line.rec.features ?? {}), ['pool', 'price'])
})

test('raw and rec always say the same', () => {
  const value = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,8}$/),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  )
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), values => {
      const line = makeLine(JSON.parse(`${base}}`) as Rec)
      for (const each of values)
        setPart(line, 'features', { pool: { hash: 'h', ready: true, values: { ...each } } })
      assert.deepEqual(JSON.parse(line.raw), JSON.parse(JSON.stringify(line.rec)))
    }),
  )
})

test('numbers that JSON would turn into null are refused with the name of the field', () => {
  assert.throws(() => encode({ a: { b: [1, Number.NaN] } }), /a\.b\[1\]: NaN/)
  assert.throws(() => encode({ a: Number.POSITIVE_INFINITY }, 'features'), /features\.a: Infinity/)
  assert.throws(() => encode({ a: null }), /a: null is never written/)
  assert.throws(() => encode([undefined]), /\[0\]: undefined/)
  assert.equal(encode({ name: 'null' }), '{"name":"null"}')
})
