import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Bundle } from '../../../lib/model/bundle.ts'
import { importModel } from '../../../lib/model/import/run-import.ts'
import { checkBundle } from '../../../lib/model/manage/check-bundle.ts'
import { encodeModel } from '../../../lib/onnx/encode-model.ts'
import { makeGraph } from '../../../lib/onnx/graph.ts'
import { folder } from './fixture.ts'

const README = readFileSync(new URL('../../../models/README.md', import.meta.url), 'utf8')
const EXAMPLE = /```python\n(import base64, hashlib.*?)```/s.exec(README)![1]!
const hasPython = spawnSync('python3', ['--version']).status === 0

/** P = σ(a + 2·b), from `input` to `p`. */
function graph(input: string): Uint8Array {
  const made = makeGraph('by hand')
  const x = made.input(input, ['N', 2])
  const z = made.op('MatMul', [x, made.floats([1, 2], [2, 1])])
  made.emit('Sigmoid', [z], ['p'])
  made.output('p', ['N', 1])
  return encodeModel(made)
}

test('the example of the specification writes a bundle that passes every check', async t => {
  if (!hasPython) return t.skip('no python3 here')
  const root = folder(t)
  writeFileSync(join(root, 'write_bundle.py'), EXAMPLE)
  writeFileSync(join(root, 'm.onnx'), graph('features'))
  const dir = join(root, 'hand', '1')
  const ran = spawnSync('python3', ['write_bundle.py', 'm.onnx', dir], { cwd: root })
  assert.equal(ran.status, 0, String(ran.stderr))
  const all = await checkBundle(dir)
  assert.equal(all.length, 9)
  assert.deepEqual(
    all.filter(({ ok }) => !ok),
    [],
  )
  const lines = EXAMPLE.split('\n').filter(line => line.trim() !== '').length
  assert.ok(lines <= 46, `${lines} lines`)
})

test('each way in which a bundle is none is told by its check', async t => {
  const root = folder(t)
  const dir = join(root, 'own', '1')
  mkdirSync(join(root, 'own'))
  writeFileSync(join(root, 'm.onnx'), graph('x'))
  const features = ['priceChange1', 'priceChange3']
  const none = { scalers: undefined, scaler: undefined, kind: undefined, set: undefined }
  const bare = { head: undefined, input: undefined, output: undefined, class: undefined }
  const most = { parity: undefined, mostUnknown: undefined, categories: undefined }
  const rest = { column: undefined, unit: undefined, map: undefined, ...most }
  await importModel(join(root, 'm.onnx'), { out: dir, features, ...none, ...bare, ...rest })
  rmSync(join(dir, 'SHA256SUMS'))
  const path = join(dir, 'bundle.json')
  const whole = readFileSync(path, 'utf8')
  const wrong = async (change: (bundle: Bundle) => void): Promise<string> => {
    const bundle = JSON.parse(whole) as Bundle
    change(bundle)
    writeFileSync(path, JSON.stringify(bundle))
    const failed = (await checkBundle(dir)).filter(({ ok }) => !ok)
    return failed.map(({ check, reason }) => `${check}: ${reason}`).join('\n')
  }
  assert.equal(await wrong(() => undefined), '')
  assert.match(await wrong(b => (b.version = '2')), /^folder: …\/own\/1 holds own 2/)
  assert.match(await wrong(b => (b.heads[0]!.name = 'rugRisk')), /^heads of the kind: rugRisk/)
  assert.match(await wrong(b => (b.model.sha256 = 'a'.repeat(64))), /^bundle.json and the hash/)
  assert.match(await wrong(b => (b.heads[0]!.output = 'q')), /ends of the graph: .* has no q/)
  assert.match(await wrong(b => delete b.inputs[0]!.features), /^inputs: input features takes/)
  const odd = (key: 'kind' | 'format', value: unknown) =>
    wrong(b => Object.assign(b, { [key]: value }))
  assert.match(await odd('kind', 'pump'), /kind: expected sequence, outcome, .* got "pump"/)
  assert.match(await odd('format', 2), /format: expected 1, got 2/)
  assert.match(await wrong(b => (b.parity.inputs = [])), /^parity rows: parity.inputs needs/)
  const other = await wrong(b => (b.parity.outputs.sluice_head![0] = 0.123))
  assert.match(other, /^answers to the parity rows: own@1: sluice_head gives/)
  assert.match(
    await wrong(b => (b.inputs[0]!.features![0] = 'priceChange1@99:percent')),
    /^features of this version: own@1 cannot be served: it reads priceChange1@99:percent/,
  )
  assert.equal(await wrong(() => undefined), '')
  renameSync(path, `${path}.gone`)
  assert.match((await checkBundle(dir))[0]!.reason!, /ENOENT/)
})
