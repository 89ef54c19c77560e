import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { inOrder, LONGEST } from '../../../lib/dev/test-order.ts'

test('long files come first, the others as they were', () => {
  const [longest = ''] = Object.keys(LONGEST)
  assert.deepEqual(inOrder(['test/b.test.ts', longest, 'test/a.test.ts']), [
    longest,
    'test/b.test.ts',
    'test/a.test.ts',
  ])
})

test('every file that is known to be long is there', () => {
  for (const file of Object.keys(LONGEST)) assert.ok(existsSync(file), file)
})
