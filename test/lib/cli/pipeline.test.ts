import assert from 'node:assert/strict'
import { test } from 'node:test'
import { didYouMean, editDistance } from '../../../lib/base/suggest.ts'
import { splitPipeline } from '../../../lib/cli/pipeline.ts'

test('words and quotes are split as a shell does', () => {
  assert.deepEqual(splitPipeline(`a --x 1 | b 'c d' e"f g"h|c\\ d`), [
    ['a', '--x', '1'],
    ['b', 'c d', 'ef gh'],
    ['c d'],
  ])
  assert.deepEqual(splitPipeline(`a ''`), [['a', '']])
})

test('whatever else a shell would act on is refused', () => {
  for (const text of ['a > b', 'a; b', 'a & b', 'a $HOME', 'a `b`', 'a *', 'a (b)', "a 'open"]) {
    assert.throws(() => splitPipeline(text), /unexpected/, text)
  }
  for (const text of ['', 'a |', '| a', 'a || b'])
    assert.throws(() => splitPipeline(text), /empty stage/, text)
})

// Distances by hand: one substitution, one insertion, one swap of neighbours, three edits.
test('distances between words', () => {
  assert.equal(editDistance('gate', 'late'), 1)
  assert.equal(editDistance('gate', 'gates'), 1)
  assert.equal(editDistance('scroe', 'score'), 1)
  assert.equal(editDistance('kitten', 'sitting'), 3)
  assert.equal(didYouMean('predcit', ['predict', 'gate']), '; did you mean predict?')
  assert.equal(didYouMean('xyzzy', ['predict', 'gate']), '')
})
