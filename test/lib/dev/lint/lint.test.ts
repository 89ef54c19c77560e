import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  castsOfAbsence,
  loseComments,
  missingDocstrings,
  namesakes,
  packedProperties,
} from '../../../../lib/dev/lint/idiom-checks.ts'
import {
  unusedExports,
  upwardArrows,
  valueCircles,
} from '../../../../lib/dev/lint/import-checks.ts'
import { importsOf } from '../../../../lib/dev/lint/imports.ts'
import { repeatedFlags } from '../../../../lib/dev/lint/knob-checks.ts'
import {
  crumbs,
  fileSizes,
  fullFolders,
  functionSizes,
  manyParameters,
  quantile,
  tooLong,
  wideLines,
} from '../../../../lib/dev/lint/size-checks.ts'
import type { Finding } from '../../../../lib/dev/lint/source-tree.ts'
import { treeOf } from './made-up-tree.ts'

const places = (findings: readonly Finding[]): string[] => findings.map(each => each.at)

test('files of the house are measured in lines, those of the tests are not', () => {
  const tree = treeOf({
    'lib/a.ts': 'x\n'.repeat(300),
    'cmd/b.ts': 'x\n'.repeat(301),
    'test/c.ts': 'x\n'.repeat(400),
  })
  assert.deepEqual(places(tooLong(fileSizes(tree), 300)), ['cmd/b.ts'])
  assert.equal(quantile(fileSizes(tree), 0.5), 301)
  assert.equal(quantile([], 0.5), 0)
})

test('a function is as long as it looks: the closures in it count', () => {
  const inner = `  const step = () => {\n${'    x()\n'.repeat(4)}  }\n`
  const tree = treeOf({
    'lib/a.ts': `function short() {\n  x()\n}\nexport function make() {\n${inner}${inner}}\n`,
  })
  assert.deepEqual(functionSizes(tree), [
    { at: 'lib/a.ts:1', lines: 3 },
    { at: 'lib/a.ts:4', lines: 14 },
    { at: 'lib/a.ts:5', lines: 6 },
    { at: 'lib/a.ts:11', lines: 6 },
  ])
  assert.deepEqual(tooLong(functionSizes(tree), 13), [
    { at: 'lib/a.ts:4', problem: 'has 14 lines, the limit is 13' },
  ])
})

test('six parameters are too many, in a closure too; the type of a function has none', () => {
  const tree = treeOf({
    'lib/a.ts': 'const five = (a, b, c, d, e) => a\nconst six = (a, b, c, d, e, f) => a\n',
    'lib/b.ts': 'type Six = (a, b, c, d, e, f) => void\n',
    'test/c.ts': 'function outer() {\n  function six(a, b, c, d, e, f) {}\n}\n',
  })
  assert.deepEqual(places(manyParameters(tree)), ['lib/a.ts:2', 'test/c.ts:2'])
})

test('columns are characters, not bytes; tables of data may be wide', () => {
  const tree = treeOf({
    'lib/a.ts': `${'σ'.repeat(100)}\n${'σ'.repeat(101)}\n`,
    'pipelines/a.sh': `${'x'.repeat(101)}\n`,
    Makefile: `${'😀'.repeat(100)}\n${'x'.repeat(101)}\n`,
    'test/talib-bars.ts': `${'x'.repeat(500)}\n`,
  })
  assert.deepEqual(places(wideLines(tree)), ['lib/a.ts:2', 'pipelines/a.sh:1', 'Makefile:2'])
})

test('folders above twenty files are named, but not cmd/ and the cases', () => {
  const many = (folder: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${folder}/${i}.ts`)
  const names = [
    ...many('lib/a', 20),
    ...many('lib/b', 21),
    ...many('test/lib/b', 22),
    ...many('cmd', 30),
    ...many('test/cases/gate', 30),
  ]
  assert.deepEqual(places(fullFolders(names)), ['lib/b', 'test/lib/b'])
})

test('a small file with one importer is told, unless it is loaded late or by a command', () => {
  const tree = treeOf({
    'lib/one.ts': 'export const one = 1\n',
    'lib/two.ts': 'export const two = 2\n',
    'lib/long.ts': 'export const long = 3\n'.repeat(30),
    'lib/late.ts': 'export const late = 4\n',
    'lib/act.ts': 'export const act = 5\n',
    'lib/later.ts': `export const later = () => import('./late.ts')\n`,
    'cmd/act.ts': `import { act } from '../lib/act.ts'\n`,
    'lib/user.ts': `import { one } from './one.ts'\n${`import { two } from './two.ts'\n`}`.repeat(
      40,
    ),
    'cmd/user.ts': `import { two } from '../lib/two.ts'\nimport { long } from '../lib/long.ts'\n`,
    'test/user.ts': `import { one } from '../lib/one.ts'\n`,
  })
  assert.deepEqual(crumbs(tree, importsOf(tree)), [
    { at: 'lib/one.ts', problem: 'has 1 lines and one importer, lib/user.ts' },
  ])
})

test('a base name means one file of lib; README, index and other roots may recur', () => {
  const tree = treeOf({
    'lib/a/pool.ts': '',
    'lib/b/pool.ts': '',
    'lib/a/index.ts': '',
    'lib/b/index.ts': '',
    'lib/a/other.ts': '',
    'cmd/other.ts': '',
    'test/lib/b/other.ts': '',
  })
  assert.deepEqual(namesakes(tree), [
    { at: 'lib/a/pool.ts', problem: 'has the base name of lib/b/pool.ts' },
  ])
})

test('files that load each other are a circle; types and lazy imports close none', () => {
  const circle = (back: string) =>
    valueCircles(
      importsOf(
        treeOf({
          'lib/a.ts': `import { b } from './b.ts'`,
          'lib/b.ts': `import { c } from './c.ts'`,
          'lib/c.ts': back,
        }),
      ),
    )
  assert.deepEqual(circle(`import { a } from './a.ts'`), [
    { at: 'lib/a.ts', problem: 'is in a circle of imports with lib/b.ts, lib/c.ts' },
  ])
  assert.deepEqual(circle(`import type { A } from './a.ts'`), [])
  assert.deepEqual(circle(`const { a } = await import('./a.ts')`), [])
})

test('an arrow up, even of a type, and one from the house into its tests are found', () => {
  const tree = treeOf({
    'lib/low/x.ts': `import type { X } from '../high/x.ts'`,
    'lib/high/x.ts': `import { low } from '../low/x.ts'\nimport { y } from '../low/y.ts'`,
    'lib/low/y.ts': `import { helper } from '../../test/helper.ts'`,
    'test/helper.ts': `import { y } from '../lib/low/y.ts'`,
  })
  assert.deepEqual(upwardArrows(importsOf(tree)), [
    { at: 'lib/low/x.ts', problem: 'imports upwards from lib/high/x.ts' },
    { at: 'lib/low/y.ts', problem: 'imports upwards from test/helper.ts' },
  ])
})

test('properties packed into a spread are found, conditional and plain spreads are not', () => {
  const tree = treeOf({
    'lib/a.ts': `
      const packed = { ...{ a, b }, c }
      const wrapped = { ...({ a }), c }
      const plain = { ...other, ...(known && { a }) }
      const list = [...[1, 2]]
    `,
  })
  assert.deepEqual(places(packedProperties(tree)), ['lib/a.ts:2', 'lib/a.ts:3'])
})

test('a cast that only rules out undefined is found, one that narrows is not', () => {
  const tree = treeOf({
    'lib/a.ts': `
      list[0] as number
      map.get(key) as string
      (list.at(-1)) as bigint
      list[0]!
      record['key'] as string
      JSON.parse(text) as number
      map.get(key) as Pool
      rows[k] as Float64Array
      list as number
    `,
  })
  assert.deepEqual(places(castsOfAbsence(tree)), [
    'lib/a.ts:2',
    'lib/a.ts:3',
    'lib/a.ts:4',
    'lib/a.ts:9',
  ])
})

test('a comment cut off from its declaration is found', () => {
  const tree = treeOf({
    'lib/a.ts': '/** Lost. */\n\nexport const a = 1\n/** Kept. */\nexport const b = 1\n',
  })
  assert.deepEqual(places(loseComments(tree)), ['lib/a.ts:1'])
})

test('an export that neither the house nor a test takes is found', () => {
  const tree = treeOf({
    'lib/a.ts':
      'export const used = 1\nexport function tested() {}\nexport interface Alone {}\n' +
      'export type Also = 1\nconst own = 1\nexport default own\nexport const { p, q } = pair\n',
    'lib/whole.ts': 'export const anything = 1\n',
    'lib/nobody.ts': 'export const nothing = 1\n',
    'lib/b.ts': `import { used, p } from './a.ts'\nimport * as whole from './whole.ts'\n`,
    'test/a.ts': `import { tested } from '../lib/a.ts'\nexport const free = 1\n`,
  })
  assert.deepEqual(
    unusedExports(tree, importsOf(tree)).map(each => `${each.at} ${each.problem}`),
    [
      'lib/a.ts:3 exports Alone, which nobody imports',
      'lib/a.ts:4 exports Also, which nobody imports',
      'lib/a.ts:7 exports q, which nobody imports',
      'lib/nobody.ts:1 exports nothing, which nobody imports',
    ],
  )
})

test('an exported function without a docstring is found, however it is written', () => {
  const tree = treeOf({
    'lib/a.ts': `
      /** Says what. */
      export function told() {}
      export function silent() {}
      // not a docstring
      export const arrow = () => 1
      /** Says what. */
      export const toldArrow = () => 1
      export const value = 1
      export interface Shape {}
      function own() {}
    `,
  })
  assert.deepEqual(places(missingDocstrings(tree)), ['lib/a.ts:4', 'lib/a.ts:6'])
})

test('a type that says again what three flags say is found, units or not', () => {
  const tree = treeOf({
    'cmd/wait.ts': `
      const flags = {
        wait: duration('a', { default: '1s' }),
        ...grouped('B', { tries: int('b'), note: text('c'), on: list('d') }),
        dry: bool('e'),
        most: sol('f'),
      }
    `,
    'lib/a.ts': `
      interface Same { waitMs: number; dry?: boolean; most: bigint | undefined; other: string }
      interface Inner { tries: number; note: string | undefined; on: readonly string[] }
      interface Others { wait: Promise<number>; dry: string; most: bigint; tries: number }
      const two = (options: { wait: number; dry: boolean }) => options
      const three = (options: { waitMs: number; dry: boolean; most: bigint }) => options
    `,
  })
  assert.deepEqual(
    repeatedFlags(tree).map(each => `${each.at} ${each.problem}`),
    [
      'lib/a.ts:2 repeats the flags waitMs, dry, most of cmd/wait.ts:2',
      'lib/a.ts:3 repeats the flags tries, note, on of cmd/wait.ts:4',
      'lib/a.ts:6 repeats the flags waitMs, dry, most of cmd/wait.ts:2',
    ],
  )
})
