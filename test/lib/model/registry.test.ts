import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeBundle } from '../../../lib/model/files.ts'
import {
  adopt,
  bundleFolder,
  findVersion,
  listModels,
  modelRoots,
  promoted,
  rolledBack,
  shippedModels,
  versionDir,
  writeAliases,
} from '../../../lib/model/registry.ts'
import { folder, makeModel } from './fixture.ts'

test('promote keeps what was there, rollback returns to it', () => {
  const one = promoted({}, '1')
  assert.deepEqual(one, { production: '1' })
  const two = promoted({ ...one, shadow: '2' }, '2')
  assert.deepEqual(two, { production: '2', previous: '1' })
  assert.deepEqual(promoted(two, '2'), two)
  assert.deepEqual(rolledBack(two), { production: '1', previous: '2' })
  assert.throws(() => rolledBack(one), /no previous version/)
})

test('what could not be read again is not written: a wrong name, a note too long', async t => {
  const root = folder(t)
  await assert.rejects(makeModel(root, 'my moon', '1'), {
    code: 2,
    message: /"my moon" is no name of a model/,
  })
  const bundle = await makeModel(root, 'moon', '1')
  const long = { ...bundle, version: '2', notes: ['x'.repeat(3000)] }
  assert.throws(() => writeBundle(join(root, 'moon', '2'), long, new Uint8Array(1), ''), {
    code: 2,
    message: /bundle\.json: notes\.0/,
  })
  assert.deepEqual(readdirSync(join(root, 'moon')), ['1'])
})

function place(root: string, name: string, version: string): void {
  mkdirSync(join(root, name, version), { recursive: true })
  writeFileSync(join(root, name, version, 'bundle.json'), '{}')
}

test('versions of both roots count, own ones first; what is no version is none', t => {
  const [own, shipped] = [folder(t), folder(t)]
  place(own, 'moon', '2')
  place(shipped, 'moon', '1')
  place(shipped, 'moon', '2')
  place(shipped, 'rug', '1')
  mkdirSync(join(own, 'moon', '.3.123.tmp'))
  mkdirSync(join(own, 'moon', 'empty'))
  writeFileSync(join(own, 'README.md'), '')
  const found = listModels([own, shipped])
  assert.deepEqual([...found.keys()], ['moon', 'rug'])
  const moon = found.get('moon')!
  assert.deepEqual(moon.versions, ['1', '2'])
  assert.equal(versionDir(moon, '1'), join(shipped, 'moon/1'))
  assert.equal(versionDir(moon, '2'), join(own, 'moon/2'))
  assert.equal(findVersion(found, 'rug@1').version, '1')
})

// A version that was trained at home takes none from use by lying there: what is in production
// stays so until somebody changes an alias.
test('a shipped model stays in production until an alias at home says otherwise', t => {
  const [own, shipped] = [folder(t), folder(t)]
  place(shipped, 'moon', '1')
  writeFileSync(join(shipped, 'moon/aliases.json'), '{"production":"1"}')
  place(own, 'moon', '2')
  const entry = listModels([own, shipped]).get('moon')!
  assert.equal(entry.aliases.production, '1')
  const change = { at: 1, action: 'promote', reason: 'better', before: entry.aliases } as const
  const after = promoted(entry.aliases, '2')
  assert.equal(adopt(entry, own, after), join(own, 'moon'))
  writeAliases(join(own, 'moon'), { ...change, after })
  const models = listModels([own, shipped])
  assert.equal(findVersion(models, 'moon').version, '2')
  // What a rollback goes back to is there, also when an upgrade takes it out of the program.
  rmSync(join(shipped, 'moon'), { recursive: true })
  const later = listModels([own, shipped])
  assert.equal(findVersion(later, 'moon@previous').version, '1')
  assert.ok(existsSync(join(versionDir(later.get('moon')!, '1'), 'bundle.json')))
  assert.deepEqual(readdirSync(join(own, 'moon')).sort(), [
    '1',
    '2',
    'aliases.json',
    'history.ndjson',
  ])
})

test('nothing is written among the models of the program', () => {
  const shipped = shippedModels()
  const entry = listModels([shipped]).values().next().value!
  assert.throws(() => adopt(entry, shipped), /models of the program, which are only read/)
  assert.throws(() => bundleFolder(join(shipped, 'moon/9'), 'home'), /say NAME@VERSION/)
  assert.equal(bundleFolder('moon@9.1', 'home'), join('home', 'models/moon/9.1'))
  assert.equal(bundleFolder('there/moon/9.1', 'home'), 'there/moon/9.1')
})

test('every change of aliases is a line of the history', t => {
  const root = folder(t)
  place(root, 'moon', '1')
  place(root, 'moon', '2')
  const dir = join(root, 'moon')
  writeAliases(dir, {
    at: 1,
    action: 'promote',
    reason: 'first',
    before: {},
    after: { production: '1' },
  })
  writeAliases(dir, {
    at: 2,
    action: 'promote',
    reason: 'second',
    before: { production: '1' },
    after: { production: '2', previous: '1' },
  })
  const history = readFileSync(join(dir, 'history.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  assert.deepEqual(
    history.map(({ at, reason }) => [at, reason]),
    [
      [1, 'first'],
      [2, 'second'],
    ],
  )
  const models = listModels([root])
  assert.equal(findVersion(models, 'moon').version, '2')
  assert.equal(findVersion(models, 'moon@previous').version, '1')
  assert.throws(() => findVersion(models, 'moon@shadow'), /no shadow version/)
})

test('damaged aliases are named', t => {
  const root = folder(t)
  place(root, 'moon', '1')
  const path = join(root, 'moon', 'aliases.json')
  for (const text of ['{', '[]x', '{"champion":"1"}', '{"production":"../1"}', '"x"']) {
    writeFileSync(path, text)
    assert.throws(() => listModels([root]), /aliases\.json/, text)
  }
})

test('shipped models lie beside package.json, from any folder below', t => {
  const dir = folder(t)
  assert.match(shippedModels(), /\/models$/)
  assert.deepEqual(modelRoots(dir, 'home'), [dir])
  assert.throws(
    () => modelRoots(join(dir, 'mistyped'), 'home'),
    /--models \(ML_MODELS_PATH\): no folder .*mistyped/,
  )
  assert.deepEqual(modelRoots(undefined, 'home'), [join('home', 'models'), shippedModels()])
})
