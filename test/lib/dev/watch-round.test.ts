import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockOf, fitting } from '../../../lib/dev/watch-round.ts'

test('a round takes the nearest tests that fit, one at least, and tells of the rest', () => {
  const many = Array.from({ length: 100 }, (_, i) => ({ file: `test/${i}.test.ts`, steps: i }))
  const { chosen, left } = fitting(many)
  assert.equal(chosen.files[0], 'test/0.test.ts')
  assert.ok(chosen.files.length < 100 && chosen.files.length > 5)
  assert.equal(chosen.files.length + left, 100)
  const long = [{ file: 'test/contract.test.ts', steps: 0 }, ...many]
  assert.deepEqual(fitting(long).chosen.files, ['test/contract.test.ts'])
  assert.deepEqual(fitting([]), { chosen: { files: [], cases: undefined }, left: 0 })
})

test('the block of a round is short, and says first what failed', () => {
  const step = { isGood: true, seconds: 1.23, note: '', said: 'chatter\n' }
  const said = Array.from({ length: 60 }, (_, i) => `line ${i}`).join('\n\n')
  const lines = blockOf(
    ['lib/a.ts'],
    [
      { ...step, name: 'types' },
      { ...step, name: 'tests', isGood: false, said },
    ],
    7,
  ).split('\n')
  assert.match(lines[0]!, /^\d\d:\d\d:\d\d lib\/a\.ts$/)
  assert.equal(lines[1], '  types ok 1.2 s · tests FAILED 1.2 s')
  assert.equal(lines[2], '  7 tests and cases more: make test FILE=lib/a.ts')
  assert.equal(lines[3], '  line 0')
  assert.equal(lines.at(-1), '  … 35 lines more')
  assert.ok(lines.length < 30)
  assert.ok(!lines.join().includes('chatter'))
})
