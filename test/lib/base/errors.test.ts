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

test('what is used up is for later, whoever meets it', () => {
  for (const text of [
    'EMFILE: too many open files, open x',
    'ENFILE: file table overflow, open x',
    'ENOSPC: no space left on device, write',
    'IO Error: Cannot open file "x": Too many open files',
    'Out of Memory Error: could not allocate block',
  ])
    assert.equal(exitCodeOf(new Error(text)), 4, text)
  assert.equal(exitCodeOf(new Error('a sentence about memory')), 70)
})
