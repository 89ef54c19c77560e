import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { OWN_NAMES } from '../../cmd/registry.ts'
import { far, freshClone, must, nodesToUse, noRegistry, sh, type Where } from './far.ts'

/**
 * The package as a new user gets it: built in a fresh clone, installed far from it in four ways, on
 * the node in use or on those that NODE names.
 */
const reason = noRegistry()
const nodes = reason === undefined ? nodesToUse() : []
const skip = reason ?? false
const PIPELINE =
  'discover --source sim --seed 7 --days 0.05 --candles 1m --quiet | features --sets sequence ' +
  '--quiet' +
  ' | predict --model sequence@example --quiet | gate --quiet'
const SAME_BY_ONE_NAME = PIPELINE.replace(/(^|\| )(\w)/g, '$1sluice $2')

let clone: string
let version: string
let tarball: string
let untouched: string
before(() => {
  if (reason !== undefined) return
  clone = freshClone()
  mkdirSync(far('packed'))
  mkdirSync(far('sluice-only'))
  // Nothing is built yet: prepack does it, where scripts may run.
  const pack = 'npm pack --ignore-scripts=false --pack-destination ../packed'
  must(pack, { path: [nodes[0]!.bin], cwd: clone })
  untouched = must('git status --porcelain', { path: [], cwd: clone })
  must('make pack TO=../sluice-only OWN_NAMES=0', { path: [nodes[0]!.bin], cwd: clone })
  tarball = readdirSync(far('packed'))[0]!
  const revision = must('git describe --always --dirty', { path: [], cwd: clone }).trim()
  version = `sluice ${tarball.slice('sluice-'.length, -'.tgz'.length)}+${revision} · record v1\n`
})

describe('an install', { skip }, () => {
  for (const { name, bin } of nodes) {
    describe(`on Node ${name}`, () => {
      test('from a package, for all, without install scripts', t => {
        const prefix = far('global')
        t.after(() => rmSync(prefix, { recursive: true, force: true }))
        must(`npm i -g --ignore-scripts --prefix global ./packed/${tarball}`, { path: [bin] })
        assert.deepEqual(readdirSync(join(prefix, 'bin')).sort(), ['sluice', ...OWN_NAMES].sort())
        works({ path: [bin, join(prefix, 'bin')] })
        assert.match(readFileSync(join(prefix, 'share/man/man1/sluice-gate.1'), 'utf8'), /^\.TH /m)
        const inside = join(prefix, 'lib/node_modules/sluice')
        pipelinesWork(join(inside, 'pipelines'), { path: [bin] })
        tellSizes(t, inside)
        partsCanGo(join(inside, 'node_modules'), { path: [bin, join(prefix, 'bin')] })
      })

      test('from a package, by npx, with install scripts', () => {
        const where = { path: [bin], env: { ONNXRUNTIME_NODE_INSTALL: 'skip' }, cwd: far('packed') }
        assert.equal(must(`npx --yes ./${tarball} --version`, where), version)
        assert.equal(must(`npx --yes -p ./${tarball} gate --version`, where), version)
        assert.ok(predictionsOf(must(`npx --yes -p ./${tarball} -c '${PIPELINE}'`, where)) > 20)
        rmSync(far('cache/_npx'), { recursive: true })
      })

      test('from a clone, for all', t => {
        const prefix = far('linked')
        t.after(() => rmSync(prefix, { recursive: true, force: true }))
        must(`npm i -g --prefix linked ${clone}`, { path: [bin] })
        assert.deepEqual(readdirSync(join(prefix, 'bin')).sort(), ['sluice', ...OWN_NAMES].sort())
        works({ path: [bin, join(prefix, 'bin')] })
        assert.equal(must('git status --porcelain', { path: [], cwd: clone }), untouched)
      })

      test('from a clone, with dist/bin on PATH', () => {
        works({ path: [bin, join(clone, 'dist/bin')] })
        pipelinesWork(join(clone, 'pipelines'), { path: [bin] })
      })
    })
  }
})

test('the README’s lines for installing', { skip }, t => {
  const text = readFileSync(join(clone, 'README.md'), 'utf8')
  const blocks = [...text.matchAll(/<!-- run by make test-install -->\n```sh\n([^`]*)```/g)]
  assert.ok(blocks.length > 0)
  const prefix = far('readme')
  t.after(() => rmSync(prefix, { recursive: true, force: true }))
  const where = {
    path: [join(prefix, 'bin'), nodes[0]!.bin],
    cwd: clone,
    env: { npm_config_prefix: prefix, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  }
  for (const [, lines = ''] of blocks) must(lines, where)
  for (const name of ['sluice', ...OWN_NAMES])
    assert.equal(must(`${name} --version`, { ...where, cwd: prefix }), version, name)
})

describe('own names', { skip }, () => {
  test('a package with the name sluice alone takes the others away again', t => {
    const prefix = far('one')
    const where = { path: [nodes[0]!.bin, join(prefix, 'bin')] }
    t.after(() => rmSync(prefix, { recursive: true, force: true }))
    must(`npm i -g --ignore-scripts --prefix one ./packed/${tarball}`, where)
    must(`npm i -g --ignore-scripts --prefix one ./sluice-only/${tarball}`, where)
    assert.deepEqual(readdirSync(join(prefix, 'bin')), ['sluice'])
    assert.equal(sh('gate --version', where).code, 127)
    assert.ok(predictionsOf(must(SAME_BY_ONE_NAME, where)) > 20)
    pipelinesWork(join(prefix, 'lib/node_modules/sluice/pipelines'), { path: [nodes[0]!.bin] })
  })

  test('a link to sluice alone does, whatever else has those names', () => {
    mkdirSync(far('mine'))
    symlinkSync(join(clone, 'dist/bin/sluice'), far('mine/sluice'))
    writeFileSync(far('mine/gate'), '#!/bin/sh\necho not yours\n', { mode: 0o755 })
    const where = { path: [nodes[0]!.bin, far('mine')] }
    assert.equal(must('gate', where), 'not yours\n')
    assert.ok(predictionsOf(must(SAME_BY_ONE_NAME, where)) > 20)
  })
})

describe('a fresh clone', { skip }, () => {
  for (const npm of ['10', '11'])
    test(`npm ci takes the lock file with npm ${npm}`, t => {
      const folder = far(`npm-${npm}`)
      t.after(() => rmSync(folder, { recursive: true, force: true }))
      mkdirSync(folder)
      const where = { path: [nodes[0]!.bin, join(folder, 'node_modules/.bin')], cwd: folder }
      must(`npm i --no-save --prefix . npm@${npm}`, where)
      mkdirSync(join(folder, 'clone'))
      for (const file of ['package.json', 'package-lock.json', '.npmrc'])
        must(`cp ${clone}/${file} clone`, where)
      const own = {
        path: [join(folder, 'node_modules/.bin'), nodes[0]!.bin],
        cwd: `${folder}/clone`,
      }
      assert.match(must('npm --version', own), new RegExp(`^${npm}\\.`))
      must('npm ci', own)
      assert.ok(existsSync(join(folder, 'clone/node_modules/onnxruntime-node')))
      assert.ok(existsSync(join(folder, 'clone/node_modules/litesvm')))
    })
})

/** Every name answers, the shipped models are found, and lines flow from end to end. */
function works(where: Where): void {
  for (const name of ['sluice', ...OWN_NAMES])
    assert.equal(must(`${name} --version`, where), version, name)
  const home = { ...where, env: { SLUICE_HOME: far('home/state') } }
  const models = must('sluice models list', home).trim().split('\n')
  assert.deepEqual(
    models.map(text => (JSON.parse(text) as { name: string }).name),
    modelsOf(join(clone, 'models')),
  )
  const lines = must(PIPELINE, home)
  assert.ok(predictionsOf(lines) > 20)
  assert.equal(must(SAME_BY_ONE_NAME, home), lines)
}

/** Names of the models in a folder that have a version; others are recipes alone. */
const modelsOf = (folder: string): string[] => [
  ...new Set(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('bundle.json'))
      .map(path => path.split('/')[0]!)
      .sort(),
  ),
]

/** How many lines hold a probability from the shipped model. */
const predictionsOf = (lines: string): number =>
  lines
    .trimEnd()
    .split('\n')
    .map(text => JSON.parse(text) as { prediction?: { sequence?: { profitable?: number } } })
    .filter(({ prediction }) => {
      const p = prediction?.sequence?.profitable
      return p !== undefined && p > 0 && p < 1
    }).length

/** A pipeline needs nothing on PATH: it finds the commands of its own package. */
function pipelinesWork(folder: string, where: Where): void {
  const state = far('home/collected')
  const sources = '--source sim --seed 7 --days 0.05'
  must(`'${folder}/collect.sh' ${sources}`, { ...where, env: { SLUICE_HOME: state } })
  const kept = must(`find . -path '*snapshots*' -name '*.ndjson' -exec cat {} +`, {
    path: [],
    cwd: state,
  })
  assert.ok(kept.split('\n').length > 100)
  rmSync(state, { recursive: true })
}

function tellSizes(t: { diagnostic(text: string): void }, folder: string): void {
  const table = must(`node --import tsx lib/dev/pack/install-size.ts '${folder}'`, {
    path: [nodes[0]!.bin],
    cwd: clone,
  })
  for (const row of table.trimEnd().split('\n')) t.diagnostic(row)
}

/** What `make size` says can go does: lines still flow, and what needs it says so in one line. */
function partsCanGo(modules: string, where: Where): void {
  const binaries = join(modules, 'onnxruntime-node/bin/napi-v6')
  for (const platform of readdirSync(binaries))
    for (const arch of readdirSync(join(binaries, platform)))
      if (platform !== process.platform || arch !== process.arch)
        rmSync(join(binaries, platform, arch), { recursive: true })
  rmSync(join(modules, '@duckdb'), { recursive: true })
  rmSync(join(modules, '@solana'), { recursive: true })
  const env = { SLUICE_HOME: far('home/state') }
  assert.ok(predictionsOf(must(PIPELINE, { ...where, env })) > 20)
  const { code, stderr } = sh('sluice sync', { ...where, env })
  assert.equal(code, 2)
  assert.match(stderr, /^sync: needs the package @duckdb\/node-api, which is not installed\n$/m)
  assert.doesNotMatch(stderr, / at /, 'no stack')
}
