import assert from 'node:assert/strict'
import { test } from 'node:test'
import { circles } from '../../../../lib/dev/lint/circles.ts'
import { floorsOf } from '../../../../lib/dev/lint/floors.ts'
import { importsOf } from '../../../../lib/dev/lint/imports.ts'
import { drawFloors } from '../../../../lib/dev/lint/map-picture.ts'
import { treeOf } from './made-up-tree.ts'

test('every way to name another file is an import of its kind, with what is taken', () => {
  const tree = treeOf({
    'lib/a/all.ts': `
      import first, { second as other, type Third } from '../b/value.ts'
      import type { Shape } from '../b/type.ts'
      import { type Only } from '../b/only-types.ts'
      import * as space from '../b/space.ts'
      import '../b/effect.ts'
      export { given } from '../b/given.ts'
      export * from '../b/star.ts'
      type Far = import('../b/far.ts').Far
      const { lazy, sleepy: awake } = await import('../b/lazy.ts')
      const one = (await import('../b/one.ts')).one
      const whole = await import('../b/whole.ts')
      new Worker(new URL('../b/worker.ts', import.meta.url))
      const folder = new URL('../c/', import.meta.url)
      import { readFileSync } from 'node:fs'
      import { gone } from '../b/not-there.ts'
      // import { commented } from '../b/commented.ts'
      const text = 'not/relative.ts'
    `,
    'lib/c/any.ts': '',
    'lib/c/deep/below.ts': '',
    ...Object.fromEntries(
      [
        'value',
        'type',
        'only-types',
        'space',
        'effect',
        'given',
        'star',
        'far',
        'lazy',
        'one',
        'whole',
        'worker',
        'commented',
      ].map(name => [`lib/b/${name}.ts`, '']),
    ),
  })
  assert.deepEqual(
    importsOf(tree).map(({ to, how, names }) => `${to.slice(6, -3)} ${how} ${names.join(' ')}`),
    [
      'value value default second Third',
      'type type Shape',
      'only-types type Only',
      'space value *',
      'effect value ',
      'given value given',
      'star value *',
      'far type Far',
      'lazy lazy lazy sleepy',
      'one lazy one',
      'whole lazy *',
      'worker lazy *',
      'any lazy *',
    ],
  )
})

test('circles are the groups whose nodes reach each other', () => {
  const arrows = (text: string) => text.split(' ').map(pair => ({ from: pair[0]!, to: pair[1]! }))
  assert.deepEqual(circles(arrows('ab bc cd')), [])
  assert.deepEqual(circles(arrows('ab bc ca cd de ed')), [
    ['d', 'e'],
    ['a', 'b', 'c'],
  ])
  assert.deepEqual(circles([]), [])
})

const importing = (from: string, to: string): Record<string, string> => ({
  [from]: `import { x } from '${'../'.repeat(from.split('/').length - 1)}${to}'`,
})

test('a folder stands one floor above the highest that it knows; types count', () => {
  const tree = treeOf({
    'lib/base/x.ts': '',
    'lib/alone/x.ts': '',
    ...importing('lib/stream/x.ts', 'lib/base/x.ts'),
    'lib/cli/x.ts': `import type { x } from '../stream/x.ts'`,
    ...importing('cmd/x.ts', 'lib/base/x.ts'),
    ...importing('cmd/y.ts', 'lib/cli/x.ts'),
  })
  const { floorOf, upward } = floorsOf(importsOf(tree))
  assert.deepEqual(Object.fromEntries(floorOf), {
    'lib/base': 0,
    'lib/stream': 1,
    'lib/cli': 2,
    cmd: 3,
  })
  assert.deepEqual(upward, [])
})

test('of two folders that know each other the weaker arrow leads up', () => {
  const tree = treeOf({
    ...importing('lib/low/x.ts', 'lib/high/x.ts'),
    ...importing('lib/high/x.ts', 'lib/low/x.ts'),
    ...importing('lib/high/y.ts', 'lib/low/x.ts'),
  })
  const { floorOf, upward } = floorsOf(importsOf(tree))
  assert.deepEqual(
    upward.map(arrow => `${arrow.from} > ${arrow.to}`),
    ['lib/low > lib/high'],
  )
  assert.equal(floorOf.get('lib/low'), 0)
  assert.equal(floorOf.get('lib/high'), 1)
})

test('only the backtest may ask for the registry, and only when it runs', () => {
  const tree = (from: string, text: string) =>
    importsOf(
      treeOf({
        [from]: text,
        'cmd/registry.ts': '',
        'cmd/main.ts': `import { x } from '../${from}'`,
      }),
    )
  const lazy = `const { commands } = await import('../../cmd/registry.ts')`
  const value = `import { commands } from '../../cmd/registry.ts'`
  assert.equal(floorsOf(tree('lib/backtest/run.ts', lazy)).upward.length, 0)
  assert.equal(floorsOf(tree('lib/backtest/run.ts', lazy)).registry.length, 1)
  assert.equal(floorsOf(tree('lib/backtest/run.ts', value)).upward.length, 1)
  assert.equal(floorsOf(tree('lib/cli/run.ts', lazy)).upward.length, 1)
})

test('the picture names floors, counts and what leads up', () => {
  const tree = treeOf({
    'lib/base/x.ts': '',
    ...importing('lib/stream/x.ts', 'lib/base/x.ts'),
    ...importing('lib/stream/y.ts', 'lib/base/x.ts'),
    ...importing('lib/base/y.ts', 'lib/stream/x.ts'),
  })
  assert.equal(
    drawFloors(
      importsOf(tree),
      tree.map(file => file.name),
    ),
    `floor 1
  lib/stream (2 files)
      → lib/base 2
floor 0
  lib/base (2 files)
upward arrows: 1
  ↑ lib/base → lib/stream 1 (lib/base/y.ts → x.ts)
2 folders, 2 floors, 1 arrow down, 1 up, 3 imports
`,
  )
})
