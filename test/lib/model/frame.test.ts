import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  encodeFrame,
  type Frame,
  joinFloats,
  makeFrameReader,
  splitFloats,
} from '../../../lib/model/serve/workers/frame.ts'

test('the layout: length of the rest, length of the head, head, data; little-endian', () => {
  const bytes = encodeFrame({ is: 'ping' }, Uint8Array.of(7, 8))
  // {"is":"ping"} has 13 bytes; 4 + 13 + 2 = 19.
  assert.deepEqual([...bytes], [19, 0, 0, 0, 13, 0, 0, 0, ...Buffer.from('{"is":"ping"}'), 7, 8])
})

test('frames arrive whole and in order however the bytes are cut', () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 })
  fc.assert(
    fc.property(
      frames,
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 30 }),
      (all, cuts) => {
        const bytes = Buffer.concat(
          all.map((data, job) => encodeFrame({ is: 'failed', job, reason: 'ü' }, data)),
        )
        const found: Frame[] = []
        const read = makeFrameReader(
          frame => void found.push({ head: frame.head, data: new Uint8Array(frame.data) }),
        )
        for (let at = 0, k = 0; at < bytes.length; k++) {
          const end = at + cuts[k % cuts.length]!
          read(bytes.subarray(at, end))
          at = end
        }
        assert.deepEqual(
          found,
          all.map((data, job) => ({ head: { is: 'failed', job, reason: 'ü' }, data })),
        )
      },
    ),
  )
})

test('a length that cannot be is refused instead of waited for', () => {
  const read = makeFrameReader(() => undefined)
  assert.throws(
    () => read(Buffer.from([255, 255, 255, 255, 0, 0, 0, 0])),
    /a frame of 4294967295 bytes/,
  )
  const second = makeFrameReader(() => undefined)
  assert.throws(() => second(Buffer.from([8, 0, 0, 0, 9, 0, 0, 0])), /a frame of 8 bytes/)
})

test('float32 tensors survive to the bit, NaN, infinities and −0 included', () => {
  fc.assert(
    fc.property(fc.array(fc.float32Array({ maxLength: 20 }), { maxLength: 5 }), all => {
      const data = joinFloats(all)
      const found = splitFloats(
        Buffer.concat([Buffer.of(1), data]).subarray(1),
        all.map(({ length }) => length),
      )
      assert.deepEqual(found, all)
    }),
  )
})
