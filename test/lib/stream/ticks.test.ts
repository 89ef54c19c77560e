import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fits } from '../../../lib/records/check.ts'
import { makeEventTime } from '../../../lib/stream/event-time.ts'
import { makeTicker, tickLine, tickOf } from '../../../lib/stream/ticks.ts'

test('a tick is due when event time reaches or passes a multiple, once per time', () => {
  const due = makeTicker(10_000)
  const table: [ts: number, tick: number | undefined][] = [
    [12_000, undefined], // nothing before the first line
    [19_999, undefined],
    [20_000, 20_000], // reached
    [20_000, undefined], // same time
    [57_123, 50_000], // 30, 40 and 50 s passed: the last one says it all
    [51_000, undefined], // backwards
    [59_000, undefined],
    [60_001, 60_000],
  ]
  assert.deepEqual(
    table.map(([ts]) => due(tickOf(ts))),
    table.map(([, tick]) => tick),
  )
})

test('0 = no ticks, and a tick is a record', () => {
  const due = makeTicker(0)
  assert.deepEqual(
    [1, 20_000, 40_000].map(ts => due(tickOf(ts))),
    [undefined, undefined, undefined],
  )
  assert.ok(fits('envelope', tickLine(20_000).rec))
  assert.equal(
    tickLine(20_000).raw,
    '{"v":1,"id":"tick:20000","ts":20000,"kind":"tick","source":"discover"}',
  )
})

test('a line whose time is not believed makes no tick and stops none', () => {
  const due = makeTicker(10_000, makeEventTime(3_600_000))
  const year = 31_536_000_000
  const seen = [12_000, year, 21_000, -1, 31_000].map(ts => due(tickOf(ts < 0 ? year * 2 : ts)))
  assert.deepEqual(seen, [undefined, undefined, 20_000, undefined, 30_000])
  // The first one was wrong: time goes on behind the second that says so.
  const late = makeTicker(10_000, makeEventTime(3_600_000))
  const after = [year, 12_000, 15_000, 21_000].map(ts => late(tickOf(ts)))
  assert.deepEqual(after, [undefined, undefined, undefined, 20_000])
})
