import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSteadyTime } from '../../../../lib/sources/net/steady-time.ts'

const [HOUR, DAY] = [3_600_000, 86_400_000]
const T = Date.UTC(2026, 10, 20, 12)

/** A machine whose wall clock can be set, and whose monotonic clock only runs. */
function makeMachine() {
  let [wall, mono] = [T, 500.25]
  return {
    time: { now: () => wall, monotonic: () => mono, sleep: async () => {} },
    run: (ms: number): void => void ([wall, mono] = [wall + ms, mono + ms]),
    set: (ts: number): void => void (wall = ts),
    /** A machine that sleeps: its monotonic clock stands still. */
    suspend: (ms: number): void => void (wall += ms),
  }
}

test('a wall clock that is set changes neither waits nor days', () => {
  const machine = makeMachine()
  const steady = makeSteadyTime(machine.time)
  assert.equal(steady.now(), T)
  for (const wall of [T - 400 * DAY, T + DAY, T + 400 * DAY]) {
    machine.set(wall)
    const before = steady.now()
    machine.run(HOUR)
    assert.equal(steady.now(), before + HOUR)
    // The lines go on as they were: the wall clock is alone with its word.
    assert.equal(steady.follow(before + HOUR), false)
  }
})

test('where wall and lines agree and it does not, it takes the wall up again', () => {
  const machine = makeMachine()
  const steady = makeSteadyTime(machine.time)
  machine.suspend(8 * HOUR)
  assert.equal(steady.now(), T)
  assert.equal(steady.follow(T + 3 * HOUR), false)
  assert.equal(steady.follow(T + 8 * HOUR - 400), true)
  assert.equal(steady.now(), T + 8 * HOUR)
  assert.equal(steady.follow(T + 8 * HOUR), false)
})
