import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Rec } from '../../../lib/records/record.ts'
import { makeEventTime } from '../../../lib/stream/event-time.ts'

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000]
const YEAR = 365 * DAY
const T = Date.UTC(2026, 10, 20)

const tick = (ts: number): Rec => ({ v: 1, id: `t:${ts}`, ts, kind: 'tick', source: 'x' })
const bar = (ts: number, intervalMs: number): Rec => ({
  ...tick(ts),
  kind: 'candle',
  mint: 'M',
  candle: { intervalMs, openAt: ts - intervalMs, open: 1, high: 1, low: 1, close: 1, volume: 1 },
})
/** o = on, j = jump, b = back, for times after T. */
const verdicts = (recs: readonly Rec[], time = makeEventTime(HOUR)): string =>
  recs.map(rec => time.judge(rec)[0]).join('')
const of = (...times: number[]): Rec[] => times.map(ms => tick(T + ms))

test('what is a jump, and when it is believed', () => {
  const table: [what: string, recs: Rec[], expected: string][] = [
    ['a stream, late lines too', of(0, 10 * SECOND, 5 * SECOND, HOUR, 20 * SECOND), 'ooooo'],
    ['the bound is inside, a millisecond more is out', of(0, HOUR, 2 * HOUR + 1), 'ooj'],
    ['late by the bound of the newest time', of(0, HOUR, 1, 0, -1), 'ooooj'],
    ['one a year ahead', of(0, SECOND, YEAR, 2 * SECOND), 'oojo'],
    ['one a year back', of(0, SECOND, -YEAR, 2 * SECOND), 'oojo'],
    ['a weekend costs one', of(0, SECOND, 2 * DAY, 2 * DAY + SECOND, 2 * DAY + MINUTE), 'oojoo'],
    ['set back for good costs one', of(0, SECOND, -2 * DAY, SECOND - 2 * DAY), 'oojb'],
    ['two that disagree', of(0, SECOND, YEAR, -YEAR, 2 * SECOND), 'oojjo'],
    ['two forwards that disagree', of(0, SECOND, YEAR, 2 * YEAR, 2 * SECOND), 'oojjo'],
    ['two that agree are believed, and so is the way back', of(0, YEAR, YEAR + 1, 1, 2), 'ojojb'],
    [
      'three that run on, all of them wrong, are taken back',
      of(0, SECOND, YEAR, 2 * YEAR, 3 * YEAR, 2 * SECOND, 3 * SECOND, YEAR),
      'oojjojbj',
    ],
    [
      'five that run on too',
      of(0, SECOND, ...[1, 2, 3, 4, 5].map(n => n * YEAR), 2 * SECOND, 3 * SECOND, HOUR),
      'oojjooojbo',
    ],
    [
      'one late line among days is none of then',
      of(0, DAY, 2 * DAY, 3 * DAY, 0, 4 * DAY, 5 * DAY),
      'ojjojoo',
    ],
    ['the first one ahead', of(YEAR, 0, SECOND, 2 * SECOND), 'ojbo'],
    ['the first one behind', of(-YEAR, 0, SECOND, 2 * SECOND), 'ojoo'],
    ['a wrong one within a gap', of(0, DAY, YEAR, DAY + SECOND), 'ojjo'],
    ['every six hours: three that run on', of(0, 6, 12, 18, 24, 30).map(slow), 'ojjooo'],
    ['days with a weekend', [0, 1, 2, 5, 6, 7].map(d => bar(T + d * DAY, DAY)), 'oooooo'],
    ['a bar of a day, a year ahead', [0, 1, 365, 2].map(d => bar(T + d * DAY, DAY)), 'oojo'],
    ['five minutes with a week between', weekApart(), 'oojooo'],
    ['marked by somebody before', [tick(T), { ...tick(T), marks: ['time-jump'] }], 'oj'],
  ]
  for (const [what, recs, expected] of table) assert.equal(verdicts(recs), expected, what)
})

const slow = (rec: Rec): Rec => tick(T + (rec.ts - T) * HOUR)
const weekApart = (): Rec[] =>
  [0, 5, 7 * 1440, 7 * 1440 + 5, 7 * 1440 + 10, 7 * 1440 + 15].map(m =>
    bar(T + m * MINUTE, 5 * MINUTE),
  )

test('bars that are far longer than the steps of the stream do not widen the bound', () => {
  const time = makeEventTime(HOUR)
  for (let i = 0; i < 40; i++) time.judge(tick(T + i * 10 * SECOND))
  time.judge(bar(T + 400 * SECOND, DAY))
  assert.equal(time.bound(), HOUR)
})

test('a label is of the time at which it is known', () => {
  const label = (ts: number, availableAt: number): Rec => ({
    ...tick(ts),
    label: { horizon: 'h24', censored: false, availableAt },
  })
  const recs = [tick(T), label(T - DAY, T + 1), label(T + 2, T + 2), label(T + YEAR, T + 3)]
  assert.equal(verdicts(recs), 'oooj')
})

test('parts that nobody has checked yet do not break the bound', () => {
  for (const candle of [null, 5, { intervalMs: 'x' }, { intervalMs: Infinity }])
    assert.equal(verdicts([{ ...tick(T), candle } as never, tick(T + YEAR)]), 'oj')
})

test('what is saved goes on as if it had never stopped', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 30 * SECOND }) },
    { weight: 1, arbitrary: fc.integer({ min: -YEAR, max: YEAR }) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, cut) => {
      let ts = T
      const recs = steps.map(ms => tick((ts += ms)))
      const at = cut % (recs.length + 1)
      const first = makeEventTime(HOUR)
      const head = verdicts(recs.slice(0, at), first)
      const second = makeEventTime(HOUR)
      second.load(JSON.parse(JSON.stringify(first.save())))
      assert.equal(head + verdicts(recs.slice(at), second), verdicts(recs))
    }),
  )
})
