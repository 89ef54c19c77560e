import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paced } from '../../../lib/sources/pace.ts'
import { makeEventTime } from '../../../lib/stream/event-time.ts'
import { tickLine } from '../../../lib/stream/ticks.ts'

/** A clock that only sleeping moves. */
function makeFakeClock() {
  let now = 5000
  const sleeps: number[] = []
  return {
    sleeps,
    now: () => now,
    sleep: async (ms: number): Promise<void> => {
      sleeps.push(ms)
      now += ms
    },
  }
}

async function* once<T>(items: T[]): AsyncGenerator<T[]> {
  yield items
}

test('speed 2 lets two seconds of event time pass in one', async () => {
  const clock = makeFakeClock()
  const lines = [1000, 1000, 3000, 2500, 7000].map(tickLine)
  const seen: [number, number][] = []
  for await (const batch of paced(
    once(lines),
    { speed: 2 },
    new AbortController().signal,
    clock.now,
    clock.sleep,
  )) {
    for (const line of batch) seen.push([line.rec.ts, clock.now()])
  }
  // (3000 − 1000) / 2 = 1000 ms after the start, (7000 − 1000) / 2 = 3000 ms; 2500 runs backwards
  // and does not wait.
  assert.deepEqual(seen, [
    [1000, 5000],
    [1000, 5000],
    [3000, 6000],
    [2500, 6000],
    [7000, 8000],
  ])
  assert.deepEqual(clock.sleeps, [1000, 2000])
})

test('a signal ends the wait', { timeout: 5000 }, async () => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 20)
  const seen: number[] = []
  for await (const batch of paced(once([0, 3_600_000].map(tickLine)), { speed: 1 }, stop.signal)) {
    seen.push(...batch.map(line => line.rec.ts))
  }
  assert.deepEqual(seen, [0])
})

test('neither a wrong time nor a gap is waited for', async () => {
  const clock = makeFakeClock()
  const [year, day] = [31_536_000_000, 86_400_000]
  const lines = [0, 1000, year, 2000, day, day + 500, day + 1500].map(tickLine)
  const seen: [number, number][] = []
  for await (const batch of paced(
    once(lines),
    { speed: 1, time: makeEventTime(3_600_000) },
    new AbortController().signal,
    clock.now,
    clock.sleep,
  ))
    for (const line of batch) seen.push([line.rec.ts, clock.now() - 5000])
  assert.deepEqual(seen, [
    [0, 0],
    [1000, 1000],
    [year, 1000],
    [2000, 2000],
    [day, 2000],
    [day + 500, 2000],
    [day + 1500, 3000],
  ])
})
