import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { readCase, runCase } from '../lib/dev/case-file.ts'

/** All cases, or those that `make test FILE=…` names. */
const cases =
  process.env.SLUICE_TEST_CASES?.split(',').map(path => relative('test/cases', path)) ??
  readdirSync('test/cases', { recursive: true, encoding: 'utf8' }).filter(name =>
    name.endsWith('.case'),
  )

for (const name of cases.sort()) {
  const it = readCase(join('test/cases', name))
  test(`${name}: ${it.title}`, () => {
    const home = mkdtempSync(join(tmpdir(), 'sluice-case-'))
    try {
      const done = runCase(it, home)
      assert.equal(done.stdout, it.stdout)
      for (const text of it.stderr)
        assert.ok(done.stderr.includes(text), `stderr has no ${text}:\n${done.stderr}`)
      assert.equal(done.exit, it.exit, done.stderr)
    } finally {
      rmSync(home, { recursive: true })
    }
  })
}
