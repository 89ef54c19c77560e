import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodeOf, messageOf } from '../../../lib/base/errors.ts'

test('a package that was left out is named in one line, and is the operator’s to add', async () => {
  const left = '@no-such-scope/no-such-package'
  const error = await import(left).catch((reason: unknown) => reason)
  assert.equal(exitCodeOf(error), 2)
  assert.equal(messageOf(error), `needs the package ${left}, which is not installed`)
})

test('a file of our own that is not there is a bug', async () => {
  const lost = './no-such-file.ts'
  const error = await import(lost).catch((reason: unknown) => reason)
  assert.equal(exitCodeOf(error), 70)
  assert.match(messageOf(error), /no-such-file/)
})
