import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { makeRng } from '../../../../lib/base/rng.ts'
import { type Budget, makeBudget, type Time } from '../../../../lib/sources/net/budget.ts'
import { isHeld } from '../../../../lib/store/hold.ts'
import { childArgs } from '../../../kit/child.ts'

const CHILD = childArgs(new URL('budget-child.ts', import.meta.url))
const run = promisify(execFile)

/** A clock that moves when somebody sleeps. */
function fakeTime(): Time & { at: number } {
  const time = {
    at: 1_760_000_000_000,
    now: () => time.at,
    sleep: async (ms: number) => void (time.at += ms),
  }
  return time
}

function inFolder(t: { after(fn: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-budget-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
const { signal } = new AbortController()

test('turns are spaced by the limit; each key has its own', async t => {
  const time = fakeTime()
  const budget = makeBudget(inFolder(t), time, makeRng(1))
  const start = time.at
  for (let i = 0; i < 6; i++)
    await budget.turn('a.test', 'k', { perMinute: 60, burst: 1 }, { priority: 'high' }, signal)
  // Five waits of a second each; up to 25 ms of spreading.
  assert.ok(time.at - start >= 5000 && time.at - start < 5200, String(time.at - start))
  const before = time.at
  await budget.turn('a.test', 'other', { perMinute: 60, burst: 1 }, { priority: 'high' }, signal)
  assert.equal(time.at, before)
})

test('no turn in time is an error to come back from; a stop is not waited out', async t => {
  const time = fakeTime()
  const budget = makeBudget(inFolder(t), time, makeRng(1))
  await budget.limited('a.test', '', time.at + 600_000)
  const limit = { perMinute: 60, burst: 1 }
  await assert.rejects(
    budget.turn('a.test', '', limit, { priority: 'high', maxWaitMs: 1000 }, signal),
    /a.test: no turn for 600 s/,
  )
  await assert.rejects(
    budget.turn('a.test', '', limit, { priority: 'high' }, AbortSignal.abort(new Error('stop'))),
    /stop/,
  )
})

test('a broken state file is an empty bucket, and no file names the key', async t => {
  const dir = inFolder(t)
  const budget = makeBudget(dir, fakeTime(), makeRng(1))
  const limit = { perMinute: 60, burst: 1 }
  await budget.turn('a.test', 'sekret', limit, { priority: 'high' }, signal)
  const [file = ''] = readdirSync(dir).filter(name => name.endsWith('.json'))
  assert.doesNotMatch(file + readFileSync(join(dir, file), 'utf8'), /sekret/)
  for (const wrong of ['', '{', 'null', '{"fullAt":"x"}', '[]']) {
    writeFileSync(join(dir, file), wrong)
    await budget.turn('a.test', 'sekret', limit, { priority: 'high' }, signal)
  }
})

test('four processes together keep the limit, also when one of them is killed', async t => {
  const dir = inFolder(t)
  const killed = execFile(process.execPath, [...CHILD, dir, 'killed'])
  killed.stdout?.once('data', () => killed.kill('SIGKILL'))
  let first = 0
  killed.stdout?.on('data', chunk => (first += String(chunk).trim().split('\n').length))
  const outs = await Promise.all(
    ['a', 'b', 'c'].map(seed => run(process.execPath, [...CHILD, dir, seed], { timeout: 60_000 })),
  )
  const times = outs
    .flatMap(({ stdout }) => stdout.trim().split('\n').map(Number))
    .sort((a, b) => a - b)
  assert.equal(times.length, 30)
  assert.ok(first >= 1)
  // 1200 a minute is one per 50 ms, two at once at the start: 28 intervals from first to last at
  // least.
  const [start = 0, end = 0] = [times[0], times.at(-1)]
  assert.ok(end - start >= 28 * 50 - 60, `${end - start} ms`)
  const held = readdirSync(dir).filter(name => name.startsWith('.'))
  assert.deepEqual(
    held.map(name => isHeld(join(dir, name))),
    [false],
  )
})

test('what one is told, all keep to: too many calls, a breaker, its probe', async t => {
  const [dir, time] = [inFolder(t), fakeTime()]
  const [one, other] = [makeBudget(dir, time, makeRng(1)), makeBudget(dir, time, makeRng(2))]
  const limit = { perMinute: 600, burst: 10 }
  const turn = (budget: Budget): Promise<void> =>
    budget.turn('a.test', 'k', limit, { priority: 'high', maxWaitMs: 90_000 }, signal)
  await turn(one)
  await one.limited('a.test', 'k', time.at + 30_000)
  const before = time.at
  await turn(other)
  assert.ok(time.at - before >= 30_000 && time.at - before < 31_000)
  for (let i = 0; i < 5; i++) await one.failed('a.test', 'k')
  const opened = time.at
  await turn(other)
  assert.ok(time.at > opened, 'the breaker holds everybody')
  // The turn that came through is the probe: until it is back, nobody else goes.
  await assert.rejects(
    one.turn('a.test', 'k', limit, { priority: 'high', maxWaitMs: 1000 }, signal),
    /no turn/,
  )
  await other.succeeded('a.test', 'k')
  const closed = time.at
  await turn(one)
  assert.ok(time.at - closed < 1000)
})

test('where thousands a minute are allowed, turns are taken in blocks, never too many', async t => {
  const [dir, time] = [inFolder(t), fakeTime()]
  const budgets = [1, 2].map(seed => makeBudget(dir, time, makeRng(seed)))
  const limit = { perMinute: 60_000, burst: 1000 }
  const start = time.at
  for (let i = 0; i < 6000; i++)
    await budgets[i % 2]?.turn('a.test', 'k', limit, { priority: 'high' }, signal)
  // 1000 at once, then one a millisecond.
  assert.ok(time.at - start >= 4900, `${time.at - start} ms`)
})
