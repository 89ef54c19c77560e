import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../../../lib/base/errors.ts'
import { makeRng } from '../../../lib/base/rng.ts'
import { readBundle, readManifest, writeBundle } from '../../../lib/model/files.ts'
import { makeHome, sluice } from '../../kit/proc.ts'

const SHIPPED = fileURLToPath(new URL('../../../models/sequence', import.meta.url))

const versionOf = (model: string): string =>
  readdirSync(model).find(name => !name.includes('.json') && !name.includes('nd'))!

test('promotions two at once, killed at any moment, leave one version in force', {
  timeout: 300_000,
}, async t => {
  const home = makeHome(t)
  const model = join(home, 'models', 'sequence')
  mkdirSync(join(home, 'models'))
  cpSync(SHIPPED, model, { recursive: true })
  const first = versionOf(model)
  const bundle = readFileSync(join(model, first, 'bundle.json'), 'utf8')
  cpSync(join(model, first), join(model, 'other'), { recursive: true })
  rmSync(join(model, 'other', 'SHA256SUMS'))
  writeFileSync(join(model, 'other', 'bundle.json'), bundle.replaceAll(`"${first}"`, '"other"'))
  const promote = (version: string, killAfterMs?: number) =>
    sluice(['models', 'promote', `sequence@${version}`, '--reason', 'a burst'], {
      home,
      drive(child) {
        child.stdin?.end()
        if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs)
      },
    })
  const whole = await promote('other')
  assert.equal(whole.code, 0, whole.stderr)
  const rng = makeRng('promotions')
  for (let round = 0; round < Number(process.env.SLUICE_SOAK_RUNS ?? 5); round++) {
    await Promise.all([first, 'other'].map(each => promote(each, 100 + rng.below(400))))
    const { production } = JSON.parse(readFileSync(join(model, 'aliases.json'), 'utf8'))
    assert.ok([first, 'other'].includes(production), production)
    const history = readFileSync(join(model, 'history.ndjson'), 'utf8')
    assert.ok(history.endsWith('\n'))
    for (const line of history.split('\n').slice(0, -1)) JSON.parse(line)
  }
  // Nobody who was killed holds the next one up.
  for (const version of [first, 'other']) {
    const last = await promote(version)
    assert.equal(last.code, 0, last.stderr)
    const { production } = JSON.parse(readFileSync(join(model, 'aliases.json'), 'utf8'))
    assert.equal(production, version)
  }
})

test('a flipped bit in what a bundle says, or in its checksums, is found where it is read', t => {
  const root = makeHome(t)
  const dir = join(root, 'sequence', '1')
  const { bundle, model } = readBundle(join(SHIPPED, versionOf(SHIPPED)))
  writeBundle(dir, bundle, model, 'card')
  execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: dir })
  const rng = makeRng('flips of bundles')
  for (const file of ['bundle.json', 'SHA256SUMS']) {
    const path = join(dir, file)
    const bytes = readFileSync(path)
    const room = file === 'SHA256SUMS' ? 64 : bytes.length
    for (let round = 0; round < 20; round++) {
      const damaged = Buffer.from(bytes)
      damaged[rng.below(room)]! ^= 1 << rng.below(8)
      writeFileSync(path, damaged)
      assert.throws(() => readManifest(dir), UsageError)
    }
    writeFileSync(path, bytes)
  }
  assert.equal(readManifest(dir).name, bundle.name)
  // A bundle of another program has none.
  rmSync(join(dir, 'SHA256SUMS'))
  assert.equal(readManifest(dir).name, bundle.name)
})

test('a flipped bit in a model is found before it scores anything', async t => {
  const home = makeHome(t)
  const model = join(home, 'models', 'sequence')
  mkdirSync(join(home, 'models'))
  cpSync(SHIPPED, model, { recursive: true })
  const path = join(model, versionOf(model), 'model.onnx')
  const bytes = readFileSync(path)
  const rng = makeRng('flips')
  for (let round = 0; round < 3; round++) {
    const damaged = Buffer.from(bytes)
    damaged[rng.below(damaged.length)]! ^= 1 << rng.below(8)
    writeFileSync(path, damaged)
    const done = await sluice(['predict', '--model', 'sequence@example', '--quiet'], {
      home,
      input: '',
    })
    assert.equal(done.code, 2, done.stderr)
    assert.match(done.stderr, /model\.onnx: hash \w+ is not the \w+ of its bundle\.json/)
  }
})
