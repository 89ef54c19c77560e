import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeAccount } from '../../../../lib/trade/account.ts'
import { daysOf } from '../../../../lib/trade/buying.ts'
import { capsOf } from '../../../../lib/trade/live/caps.ts'
import { makeSteadyTime } from '../../../../lib/trade/live/steady-time.ts'
import { makeRisk } from '../../../../lib/trade/loss-limits.ts'

const [HOUR, DAY] = [3_600_000, 86_400_000]
const T = Date.UTC(2026, 10, 20, 12)

/** A machine whose wall clock can be set, and whose monotonic clock only runs. */
function makeMachine() {
  let [wall, mono] = [T, 500.25]
  return {
    time: { now: () => wall, sleep: async () => {} },
    monotonic: () => mono,
    run: (ms: number): void => void ([wall, mono] = [wall + ms, mono + ms]),
    set: (ts: number): void => void (wall = ts),
    /** A machine that sleeps: its monotonic clock stands still. */
    suspend: (ms: number): void => void (wall += ms),
  }
}

test('a wall clock that is set changes neither waits nor days', () => {
  const machine = makeMachine()
  const steady = makeSteadyTime(machine.time, machine.monotonic)
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
  const steady = makeSteadyTime(machine.time, machine.monotonic)
  machine.suspend(8 * HOUR)
  assert.equal(steady.now(), T)
  assert.equal(steady.follow(T + 3 * HOUR), false)
  assert.equal(steady.follow(T + 8 * HOUR - 400), true)
  assert.equal(steady.now(), T + 8 * HOUR)
  assert.equal(steady.follow(T + 8 * HOUR), false)
})

test('a day that comes again has spent what it had spent', () => {
  const risk = makeRisk(10n)
  risk.spend(T, 5n)
  risk.close(T, -3n)
  risk.spend(T + DAY, 2n)
  assert.equal(risk.spentToday(T + DAY), 2n)
  assert.equal(risk.spentToday(T), 5n)
  assert.equal(risk.earnedToday(T), -3n)
  // Clocks that do not agree on the day: the stricter one counts.
  assert.equal(risk.spentToday(T + DAY, T), 5n)
  assert.equal(risk.earnedToday(T + DAY, T), -3n)
})

test('neither a clock nor lines alone open the caps of a day again', () => {
  const account = makeAccount(10n ** 10n, () => 0n)
  account.risk.spend(T, 1001n)
  const order = { side: 'buy', inAmount: 200n } as never
  const caps = { perTrade: 1000n, perDay: 1000n, total: 10n ** 12n }
  const money = { spent: 0n, pays: 0n }
  const permitAt = (now: number, lineTs: number | undefined): string | undefined =>
    capsOf(account, caps, () => daysOf(account, now, { lineTs: () => lineTs }))(order, money)
  assert.match(permitAt(T, T) ?? '', /perDay/)
  assert.match(permitAt(T + DAY, T) ?? '', /perDay/)
  assert.match(permitAt(T, T + DAY) ?? '', /perDay/)
  assert.equal(permitAt(T + DAY, T + DAY), undefined)
})
