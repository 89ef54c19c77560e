import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { childArgs } from './kit/child.ts'

test('README is what the declarations generate', () => {
  const program = childArgs(new URL('../lib/dev/docs/docs.ts', import.meta.url))
  const done = spawnSync(process.execPath, [...program, '--check'], { encoding: 'utf8' })
  assert.equal(done.status, 0, done.stderr)
})
