import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseTime } from '../../../../lib/sources/ohlcv/file-time.ts'

// 2024-07-22 21:30:00 UTC = 1721683800 s: `date -u -d '2024-07-22 21:30:00' +%s`.
const AT = 1_721_683_800_000

test('every way to write 2024-07-22 21:30:00 UTC', () => {
  const ways = [
    '1721683800',
    '1721683800.0',
    '1721683800000',
    '1721683800000000',
    '2024-07-22 21:30:00',
    '2024-07-22 21:30',
    '2024-07-22T21:30:00Z',
    '2024-07-22T21:30:00.000Z',
    '2024-07-22 21:30:00.000000',
    '2024-07-22 21:30:00 UTC',
    '2024-07-22 21:30:00+00:00',
    '2024-07-22T23:30:00+02:00',
    '2024-07-22T16:00:00-0530',
  ]
  for (const way of ways) assert.equal(parseTime(way), AT, way)
  assert.equal(parseTime('2024-07-22'), AT - 77_400_000)
  assert.equal(parseTime('1721683800.5'), AT + 500)
  assert.equal(parseTime('2024-07-22 21:30:00.123456789'), AT + 123)
})

test('what is no time, or no time of this planet', () => {
  const wrong = [
    '',
    ' ',
    '-1',
    'NaN',
    '1e9',
    '0x10',
    '2024-02-30',
    '2024-13-01',
    '2024-07-22 24:00:00',
    '22.07.2024',
  ]
  for (const text of [
    ...wrong,
    '1/4/1999',
    '2024-07-22 21:60',
    '99999999999999999',
    'Infinity',
    '2024-7-2',
  ]) {
    assert.ok(Number.isNaN(parseTime(text)), text)
  }
})

test('any second from 1970 to 2286 reads the same in s, ms, µs and ISO', () => {
  // Milliseconds below 10¹⁰ (April 1970) and microseconds below 10¹³ look like seconds and
  // milliseconds.
  fc.assert(
    fc.property(fc.integer({ min: 1e7, max: 9_999_999_998 }), second => {
      const ms = second * 1000
      const iso = new Date(ms).toISOString()
      const texts = [`${second}`, `${ms}`, `${ms}000`, iso, iso.slice(0, 19).replace('T', ' ')]
      for (const text of texts) assert.equal(parseTime(text), ms, text)
    }),
  )
})
