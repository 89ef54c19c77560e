import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../lib/base/errors.ts'
import { behind, graphOf, readSources } from '../../../lib/dev/source-graph.ts'
import { chooseTests } from '../../../lib/dev/test-choice.ts'
import { reachedBy } from '../../../lib/dev/test-reach.ts'

/** A small house: two commands, a rule of one of them, tests that import or start them. */
const HOUSE = new Map(
  Object.entries({
    'cmd/main.ts': `import '../lib/cli/cli.ts'\nimport { registry } from './registry.ts'`,
    'cmd/registry.ts':
      `export const registry = { gate: () => import('./gate.ts'), ` +
      `label: () => import('./label.ts') }`,
    'cmd/gate.ts': `import { judge } from '../lib/decide/judge.ts'`,
    'cmd/label.ts': `import type { Verdict } from '../lib/decide/judge.ts'`,
    'lib/cli/cli.ts': '',
    'lib/decide/judge.ts': `import { age } from './rules/age.ts'`,
    'lib/decide/rules/age.ts': '',
    'lib/dev/unused.ts': '',
    'test/proc.ts': `const bin = 'dist/bin/sluice'`,
    'test/cases.test.ts': '',
    'test/cases/gate/001.case': '$ gate --quiet',
    'test/cases/label/001.case': '$ label --quiet',
    'test/cli.test.ts': `import '../lib/cli/cli.ts'`,
    'test/judge.test.ts': `import { judge } from '../lib/decide/judge.ts'`,
    'test/line.test.ts':
      `import { sh } from './proc.ts'\nawait sh('discover | gate'); ` + `data('candles.csv')`,
    'test/marks.test.ts': `import { sh } from './proc.ts'\nawait sh('label')`,
    'test/rules/rule.test.ts': 'await import(`../../lib/decide/rules/$' + '{name}.ts`)',
  }),
)
const reached = (...changed: string[]): string[] =>
  reachedBy(changed, HOUSE).map(({ file }) => file)

test('a source reaches the tests that import it, nearest first, then those that start it', () => {
  assert.deepEqual(reached('lib/decide/rules/age.ts'), [
    'test/rules/rule.test.ts',
    'test/judge.test.ts',
    'test/cases/gate/001.case',
    'test/line.test.ts',
  ])
})

test('what every command starts with reaches all that start one', () => {
  assert.deepEqual(reached('lib/cli/cli.ts').sort(), [
    'test/cases/gate/001.case',
    'test/cases/label/001.case',
    'test/cli.test.ts',
    'test/line.test.ts',
    'test/marks.test.ts',
  ])
})

test('a type alone reaches nothing, a named file of data does, a test reaches itself', () => {
  assert.ok(!reached('lib/decide/judge.ts').includes('test/marks.test.ts'))
  assert.deepEqual(reached('test/candles.csv'), ['test/line.test.ts'])
  assert.deepEqual(reached('test/judge.test.ts'), ['test/judge.test.ts'])
  assert.deepEqual(reached('lib/dev/unused.ts'), [])
})

test('words choose tests, cases, folders, patterns and sources', () => {
  const chosen = (words: string) => chooseTests(words, HOUSE)
  const everyTest = [...HOUSE.keys()].filter(path => path.endsWith('.test.ts'))
  assert.deepEqual(chosen(''), { files: everyTest, cases: undefined })
  assert.deepEqual(chosen('test/cli.test.ts,./test/judge.test.ts, test/cli.test.ts').files, [
    'test/cli.test.ts',
    'test/judge.test.ts',
  ])
  assert.deepEqual(chosen('test/cases/gate'), {
    files: ['test/cases.test.ts'],
    cases: ['test/cases/gate/001.case'],
  })
  assert.deepEqual(chosen('test/**/rule*.test.ts').files, ['test/rules/rule.test.ts'])
  assert.deepEqual(chosen('test/*.test.ts').files.length, 5)
  assert.deepEqual(chosen('lib/decide/rules/').files, [
    'test/rules/rule.test.ts',
    'test/judge.test.ts',
    'test/line.test.ts',
    'test/cases.test.ts',
  ])
  assert.equal(chosen('test/cases.test.ts,test/cases/gate').cases, undefined)
})

test('a word that names no file, or reaches no test, is refused', () => {
  assert.throws(
    () => chooseTests('lib/decide/rules/ago.ts', HOUSE),
    new UsageError('no file lib/decide/rules/ago.ts; did you mean lib/decide/rules/age.ts?'),
  )
  assert.throws(() => chooseTests('lib/dev/unused.ts', HOUSE), /no test reaches lib\/dev\/unused/)
})

test('of this house: every command and every thread that the build names is found', () => {
  const graph = graphOf(readSources())
  const train = behind('cmd/train.ts', graph)
  for (const path of ['lib/train/networks/network-child.ts', 'lib/train/tabular/tree-thread.ts'])
    assert.ok(train.has(path), path)
  assert.ok(behind('cmd/main.ts', graph).has('cmd/train-export.ts'))
  assert.ok(!behind('cmd/main.ts', graph, 'cmd/registry.ts').has('cmd/train-export.ts'))
})

test('tests of installing run by their own target alone', () => {
  const sources = new Map([...HOUSE, ['test/install/install.test.ts', '']])
  assert.deepEqual(chooseTests('', sources).files, chooseTests('', HOUSE).files)
  assert.throws(() => chooseTests('test/install/install.test.ts', sources), UsageError)
})
