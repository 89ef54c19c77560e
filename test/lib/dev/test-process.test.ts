import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { childArgs } from '../../kit/child.ts'

const RUNNER = childArgs(new URL('../../../lib/dev/test-process.ts', import.meta.url))
const HEAD = `import { test } from 'node:test'\n`

/** Runs test files of these texts as the runner of all tests would. */
function runOf(
  t: { after(fn: () => void): void },
  files: Record<string, string>,
  more: Record<string, string> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-runner-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const paths = Object.keys(files).map(name => join(folder, name))
  const { NODE_TEST_CONTEXT: _, ...env } = process.env // Else it would not run tests in a test.
  return spawnSync(process.execPath, [...RUNNER, folder, ...paths], {
    encoding: 'utf8',
    env: { ...env, ...more },
  })
}

test('tests that pass end with 0 and the closing lines of node’s runner', t => {
  const done = runOf(t, {
    'b.test.js': `${HEAD}test('slow', () => new Promise(done => setTimeout(done, 300)))`,
    'a.test.js': `${HEAD}test('one', () => {}); test('two', { skip: true }, () => {})`,
  })
  assert.equal(done.status, 0, done.stdout + done.stderr)
  assert.match(done.stdout, /ℹ tests 3\n.*ℹ pass 2\n.*ℹ fail 0\n.*ℹ skipped 1\n/s)
  assert.ok(done.stdout.indexOf('slow') < done.stdout.indexOf('one'), 'in the order given')
})

test('a test that fails ends with 1; one that is still to do does not', t => {
  const todo = `${HEAD}test('later', { todo: true }, () => { throw new Error('not yet') })`
  assert.equal(runOf(t, { 'a.test.js': todo }).status, 0)
  const done = runOf(t, { 'a.test.js': `${HEAD}test('bad', () => { throw new Error('no') })` })
  assert.equal(done.status, 1)
  assert.match(done.stdout, /ℹ fail 1/)
})

test('a file without a test, one that cannot be loaded, and no file at all end with 1', t => {
  const passing = `${HEAD}test('one', () => {})`
  const empty = runOf(t, { 'a.test.js': passing, 'b.test.js': '' })
  assert.equal(empty.status, 1)
  assert.match(empty.stderr, /no tests ran in b\.test\.ts\n/)
  assert.equal(runOf(t, { 'a.test.js': passing, 'b.test.js': 'import "./none.js"' }).status, 1)
  assert.equal(runOf(t, {}).status, 1)
})

test('a file that hangs in a call, a timer or a child is ended with its name; the rest runs', t => {
  const child = `import { spawn } from 'node:child_process'
    spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })`
  const blocked = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'
  const texts = {
    'call.test.js': `${HEAD}test('call', () => ${blocked})`,
    'timer.test.js': `${HEAD}test('timer', () => {}); setInterval(() => {}, 1000)`,
    'child.test.js': `${HEAD}${child}; test('child', () => {})`,
    'fine.test.js': `${HEAD}test('fine', () => {})`,
  }
  const done = runOf(t, texts, { SLUICE_TEST_FILE_S: '5' })
  assert.equal(done.status, 1)
  for (const name of ['call', 'timer', 'child'])
    assert.match(done.stderr, new RegExp(`^${name}\\.test\\.ts ran longer than 5 s and was`, 'm'))
  assert.match(done.stdout, /✔ fine/)
  assert.doesNotMatch(done.stderr, /fine/)
})
