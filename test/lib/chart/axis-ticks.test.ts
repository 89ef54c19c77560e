import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  exponentOf,
  niceStep,
  numberTicks,
  ratioTicks,
  timeTicks,
} from '../../../lib/chart/axis-ticks.ts'

const texts = (ticks: { text: string }[]) => ticks.map(tick => tick.text)

test('numbers of an axis are round, few and inside', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e12, max: 1e12, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e12, noNaN: true }),
      fc.integer({ min: 2, max: 12 }),
      (low, span, most) => {
        const high = low + span
        fc.pre(high - low > Math.abs(low) * 1e-6)
        const ticks = numberTicks(low, high, most)
        const step = niceStep(high - low, most)
        assert.ok(ticks.length <= most + 1)
        for (const { value } of ticks)
          assert.ok(value >= low - step * 1e-6 && value <= high + step * 1e-6)
        assert.match(step.toExponential(6), /^[125]\.000000e/)
      },
    ),
  )
})

test('numbers are written with the digits that their step needs', () => {
  assert.deepEqual(texts(numberTicks(0, 1, 5)), ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0'])
  assert.deepEqual(texts(numberTicks(-50, 100, 4)), ['−50', '0', '50', '100'])
  assert.deepEqual(texts(numberTicks(3.6e-7, 3.9e-7, 4, -9)), ['360', '370', '380', '390'])
  assert.equal(exponentOf(3.6e-7, 3.9e-7), -9)
  assert.equal(exponentOf(0, 41_250_330), 6)
  assert.equal(exponentOf(-5, 120), 0)
})

test('a log axis names powers of ten, with 2 and 5 between them where there is room', () => {
  assert.deepEqual(texts(ratioTicks(1, 100, 8)), ['1', '2', '5', '10', '20', '50', '100'])
  assert.deepEqual(texts(ratioTicks(1, 1e8, 9)), [
    '1',
    '10',
    '100',
    '1000',
    '10000',
    '100000',
    '1000000',
    '10000000',
    '100000000',
  ])
  assert.deepEqual(texts(ratioTicks(10, 30, 4)), ['10', '15', '20', '25', '30'])
})

test('times are whole hours, days or months in UTC', () => {
  const at = (text: string) => Date.parse(`${text}Z`)
  assert.deepEqual(texts(timeTicks(at('2026-01-01T21:10'), at('2026-01-02T03:00'), 6)), [
    '22:00',
    '23:00',
    '2 Jan',
    '01:00',
    '02:00',
    '03:00',
  ])
  assert.deepEqual(texts(timeTicks(at('2026-02-26T00:00'), at('2026-03-02T00:00'), 5)), [
    '26 Feb',
    '27 Feb',
    '28 Feb',
    '1 Mar',
    '2 Mar',
  ])
  assert.deepEqual(texts(timeTicks(at('2025-10-15T00:00'), at('2026-03-02T00:00'), 6)), [
    'Nov',
    'Dec',
    '2026',
    'Feb',
    'Mar',
  ])
  assert.deepEqual(texts(timeTicks(at('2026-01-01T00:00:01'), at('2026-01-01T00:00:04'), 6)), [
    '00:00:01',
    '00:00:02',
    '00:00:03',
    '00:00:04',
  ])
})

test('a span at the end of what floats can tell apart has one tick, not endless ones', () => {
  for (const [low, high] of [
    [2 ** 60, 2 ** 60 + 256],
    [1e300, 1.0000000000000002e300],
    [0, 5e-324],
  ] as const)
    assert.ok(numberTicks(low, high, 5).length <= 6)
})
