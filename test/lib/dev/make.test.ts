import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { childArgs } from '../../kit/child.ts'

const CHECK = childArgs(new URL('../../../lib/dev/timed-steps.ts', import.meta.url))

function inFolder(t: { after(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-make-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('checking never installs: without packages it says what to run', t => {
  const folder = inFolder(t)
  cpSync('Makefile', join(folder, 'Makefile'))
  writeFileSync(join(folder, 'package-lock.json'), '{}')
  writeFileSync(join(folder, 'npm'), '#!/bin/sh\ntouch installed\n', { mode: 0o755 })
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
  for (const target of ['types', 'lint', 'check']) {
    const done = spawnSync('make', [target], { cwd: folder, env, encoding: 'utf8' })
    assert.notEqual(done.status, 0, target)
    assert.match(done.stderr, /node_modules is missing: run make setup/, target)
  }
  assert.ok(!existsSync(join(folder, 'installed')), 'npm was started')
})

test('check says what took how long, and stops at the first that fails with its name', t => {
  const cwd = inFolder(t)
  writeFileSync(join(cwd, 'Makefile'), 'good:\n\t@true\nbad:\n\t@false\nnever:\n\t@touch never\n')
  const run = (...targets: string[]) => {
    const { MAKEFLAGS: _, ...env } = process.env
    return spawnSync(process.execPath, [...CHECK, ...targets], { cwd, env, encoding: 'utf8' })
  }
  const good = run('good', 'good')
  assert.equal(good.status, 0, good.stderr)
  assert.match(good.stderr, /^check: good [\d.]+ s · good [\d.]+ s · together [\d.]+ s\n$/)
  const bad = run('good', 'bad', 'never')
  assert.equal(bad.status, 1)
  assert.match(bad.stderr, /check: good [\d.]+ s · bad [\d.]+ s · bad failed · together/)
  assert.ok(!existsSync(join(cwd, 'never')))
})
