import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeRng } from '../../../../lib/rng.ts'
import { makeBudget, type Time } from '../../../../lib/sources/net/budget.ts'

const CHILD = fileURLToPath(new URL('budget-child.ts', import.meta.url))
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
  for (let i = 0; i < 6; i++) await budget.turn('a.test', 'k', { perMinute: 60, burst: 1 }, 'high', signal)
  // Five waits of a second each; up to 25 ms of spreading.
  assert.ok(time.at - start >= 5000 && time.at - start < 5200, String(time.at - start))
  const before = time.at
  await budget.turn('a.test', 'other', { perMinute: 60, burst: 1 }, 'high', signal)
  assert.equal(time.at, before)
})

test('no turn in time is an error to come back from; a stop is not waited out', async t => {
  const time = fakeTime()
  const budget = makeBudget(inFolder(t), time, makeRng(1))
  await budget.limited('a.test', '', time.at + 600_000)
  const limit = { perMinute: 60, burst: 1 }
  await assert.rejects(budget.turn('a.test', '', limit, 'high', signal, 1000), /a.test: no turn for 600 s/)
  await assert.rejects(budget.turn('a.test', '', limit, 'high', AbortSignal.abort(new Error('stop'))), /stop/)
})

test('a broken state file is an empty bucket, and no file names the key', async t => {
  const dir = inFolder(t)
  const budget = makeBudget(dir, fakeTime(), makeRng(1))
  const limit = { perMinute: 60, burst: 1 }
  await budget.turn('a.test', 'sekret', limit, 'high', signal)
  const [file = ''] = readdirSync(dir).filter(name => name.endsWith('.json'))
  assert.doesNotMatch(file + readFileSync(join(dir, file), 'utf8'), /sekret/)
  for (const wrong of ['', '{', 'null', '{"fullAt":"x"}', '[]']) {
    writeFileSync(join(dir, file), wrong)
    await budget.turn('a.test', 'sekret', limit, 'high', signal)
  }
})

test('two processes together keep the limit', async t => {
  const dir = inFolder(t)
  const outs = await Promise.all(
    ['a', 'b'].map(seed => run(process.execPath, ['--import', 'tsx', CHILD, dir, seed], { timeout: 30_000 })),
  )
  const times = outs.flatMap(({ stdout }) => stdout.trim().split('\n').map(Number)).sort((a, b) => a - b)
  assert.equal(times.length, 20)
  // 1200 a minute is one per 50 ms, two at once at the start: 18 intervals from first to last at least.
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  assert.ok(last - first >= 18 * 50 - 60, `${last - first} ms`)
  assert.deepEqual(
    readdirSync(dir).filter(name => name.startsWith('.')),
    [],
  )
})
