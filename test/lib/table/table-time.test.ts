import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { UsageError } from '../../../lib/base/errors.ts'
import { parseTime, timeOfNumber, whyNoTime } from '../../../lib/table/table-time.ts'
import { timeRuleOf } from '../../../lib/table/time-flags.ts'

// 2024-07-22 21:30:00 UTC = 1721683800 s: `date -u -d '2024-07-22 21:30:00' +%s`.
const AT = 1_721_683_800_000

test('every way to write 2024-07-22 21:30:00 UTC', () => {
  const ways = [
    '1721683800',
    '1721683800.0',
    '1721683800000',
    '1721683800000000',
    '1721683800000000000',
    '20240722213000',
    '202407222130',
    '2024-07-22 21:30:00',
    '2024-07-22 21:30',
    '2024/07/22 21:30',
    '2024.07.22 21:30',
    '2024-7-22 21:30',
    '2024-07-22T21:30:00Z',
    '2024-07-22T21:30:00.000Z',
    '2024-07-22 21:30:00.000000',
    '2024-07-22 21:30:00 UTC',
    '2024-07-22 21:30:00+00:00',
    '2024-07-22T23:30:00+02:00',
    '2024-07-22T23:30:00+02',
    '2024-07-22T16:00:00-0530',
    '22.07.2024 22:30:00.000 GMT+0100',
    '22/07/2024 9:30 PM',
    '07/22/2024 21:30',
    'Jul 22, 2024, 9:30 PM',
    '22 July 2024 21:30',
  ]
  for (const way of ways) assert.equal(parseTime(way), AT, way)
  assert.equal(parseTime('2024-07-22'), AT - 77_400_000)
  assert.equal(parseTime('20240722'), AT - 77_400_000)
  assert.equal(timeOfNumber(20_240_722), AT - 77_400_000)
  assert.equal(parseTime('2024-07-22 09-PM'), AT - 1_800_000)
  assert.equal(parseTime('1721683800.5'), AT + 500)
  assert.equal(parseTime('2024-07-22 21:30:00.123456789'), AT + 123)
  // One nanosecond before: a double could not tell it from the next millisecond.
  assert.equal(parseTime('1721683799999999999'), AT - 1)
})

test('what is no time, or no time of this planet', () => {
  const wrong = ['', ' ', '-1', 'NaN', '1e9', '0x10', '2024-02-30', '2024-13-01', '1/4/1969']
  for (const text of [
    ...wrong,
    '2024-07-22 24:00:00',
    '31.02.2024',
    '2024-07-22 21:60',
    '2024-07-22 13:00 PM',
    '99999999999999999999',
    'Infinity',
    '22 Jux 2024',
    '2024-07/22',
  ]) {
    assert.ok(Number.isNaN(parseTime(text)), text)
  }
})

test('a date that may be day or month first is refused until somebody says which', () => {
  for (const text of ['01/03/2024', '1.3.2024 10:00', '01-03-24', '13/12/24']) {
    assert.ok(Number.isNaN(parseTime(text)), text)
    assert.match(whyNoTime(text), /--time-format dmy or --time-format mdy/)
  }
  // The first of March and the third of January: `date -u -d 2024-03-01 +%s`.
  assert.equal(parseTime('01/03/2024', timeRuleOf({ timeFormat: 'dmy' })), 1_709_251_200_000)
  assert.equal(parseTime('01/03/2024', timeRuleOf({ timeFormat: 'mdy' })), 1_704_240_000_000)
  assert.equal(parseTime('01/03/2024', timeRuleOf({ timeFormat: '%d/%m/%Y' })), 1_709_251_200_000)
  assert.equal(parseTime('3/1/24', timeRuleOf({ timeFormat: 'MM/DD/YY' })), 1_709_251_200_000)
  assert.equal(parseTime('03/03/2024'), 1_709_424_000_000)
  assert.ok(Number.isNaN(parseTime('13/03/2024', timeRuleOf({ timeFormat: 'mdy' }))))
  assert.ok(Number.isNaN(parseTime('2024-03-01', timeRuleOf({ timeFormat: '%d/%m/%Y' }))))
  assert.throws(() => timeRuleOf({ timeFormat: '%d/%m' }), UsageError)
  assert.throws(() => timeRuleOf({ timeFormat: '%d/%m/%Y %Q' }), UsageError)
})

test('local times need their zone, and a clock put back is not guessed', () => {
  const berlin = timeRuleOf({ timeZone: 'Europe/Berlin' })
  // CEST is two hours ahead of UTC in July, CET one in January (tz database).
  assert.equal(parseTime('2024-07-22 23:30', berlin), AT)
  assert.equal(parseTime('2024-01-01 01:00', berlin), Date.UTC(2024, 0, 1))
  assert.equal(parseTime('2024-07-22 23:30 CEST', berlin), AT)
  assert.equal(parseTime('2024-07-22T21:30Z', berlin), AT)
  assert.equal(parseTime('2024-07-22 16:00', timeRuleOf({ timeZone: '-05:30' })), AT)
  assert.ok(Number.isNaN(parseTime('2024-07-22 17:30 EDT')))
  assert.match(whyNoTime('2024-07-22 17:30 EDT'), /--time-zone/)
  // In 2024 clocks of the EU went from 2:00 to 3:00 on 31 March, from 3:00 to 2:00 on 27 October.
  assert.ok(Number.isNaN(parseTime('2024-03-31 02:30', berlin)))
  assert.ok(Number.isNaN(parseTime('2024-10-27 02:30', berlin)))
  assert.match(whyNoTime('2024-10-27 02:30', berlin), /twice or never/)
  assert.equal(parseTime('2024-03-31 03:00', berlin), Date.UTC(2024, 2, 31, 1))
  assert.equal(parseTime('2024-10-27 03:00', berlin), Date.UTC(2024, 9, 27, 2))
  assert.throws(() => timeRuleOf({ timeZone: 'Mars/Olympus' }), UsageError)
})

test('any second from 1971 to 2286 reads the same in s, ms, µs, ns and ISO', () => {
  // Smaller numbers look like the next larger unit, or like a date without separators.
  fc.assert(
    fc.property(fc.integer({ min: 3e7, max: 9_999_999_998 }), second => {
      const ms = second * 1000
      const iso = new Date(ms).toISOString()
      const texts = [`${second}`, `${ms}`, `${ms}000`, `${ms}000000`, iso, iso.slice(0, 19)]
      for (const text of texts)
        if (!/^(19[9]\d|20\d\d)(0[1-9]|1[0-2])[0-3]\d([01]\d|2[0-3])[0-5]\d$/.test(text))
          assert.equal(parseTime(text), ms, text)
    }),
  )
})
