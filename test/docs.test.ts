import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

test('README is what the declarations generate', () => {
  const done = spawnSync(process.execPath, ['--import', 'tsx', 'lib/dev/docs/docs.ts', '--check'], {
    encoding: 'utf8',
  })
  assert.equal(done.status, 0, done.stderr)
})
