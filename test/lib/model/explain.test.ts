import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DataError, UsageError } from '../../../lib/base/errors.ts'
import type { Bundle } from '../../../lib/model/bundle.ts'
import { cardText } from '../../../lib/model/card.ts'
import { sha256, writeBundle } from '../../../lib/model/files.ts'
import { explainLine } from '../../../lib/model/manage/explain-line.ts'
import { findVersion, listModels } from '../../../lib/model/registry.ts'
import { openPredictor } from '../../../lib/model/serve/open-predict.ts'
import { inputOf } from '../../../lib/model/set-input.ts'
import { encodeModel } from '../../../lib/onnx/encode-model.ts'
import { makeGraph } from '../../../lib/onnx/graph.ts'
import { feed, folder, makeModel, POOL_NAMES, poolLine, served } from './fixture.ts'

/** P = σ(priceChange1 + 2·priceChange3), whose values are those of any table of the logistic. */
function byHand(root: string, version: string, distribution: Bundle['distribution']): void {
  const graph = makeGraph('by hand')
  const x = graph.input('features', ['N', 2])
  const z = graph.op('MatMul', [x, graph.floats([1, 2], [2, 1])])
  graph.emit('Sigmoid', [z], ['p'])
  graph.output('p', ['N', 1])
  const model = encodeModel(graph)
  const bundle: Bundle = {
    format: 1,
    name: 'own',
    version,
    kind: 'moon',
    model: { file: 'model.onnx', sha256: sha256(model), bytes: model.length, minBatch: 2 },
    inputs: [inputOf('pool', ['priceChange1', 'priceChange3'])],
    heads: [{ name: 'p', output: 'p' }],
    algorithm: { name: 'by hand', settings: {} },
    seed: 0,
    data: { source: 'none', hash: 'a'.repeat(12), label: 'willMoon', parts: {} },
    metrics: [],
    parity: {
      inputs: [
        {
          input: 'features',
          rows: 1,
          data: Buffer.from(Float32Array.of(1, 1).buffer).toString('base64'),
        },
      ],
      outputs: { p: [0.9525741] },
    },
    ...(distribution === undefined ? {} : { distribution }),
    notes: [],
  }
  mkdirSync(join(root, 'own'), { recursive: true })
  writeBundle(join(root, 'own', version), bundle, model, cardText(bundle))
}

const AROUND_ZERO = { center: [0, 0], spread: [1, 1], p99: 1 }

async function predicted(root: string, model: string, values: Record<string, number>[]) {
  const warnings: string[] = []
  const step = await openPredictor(
    served(root, { model: [model], explain: true, warn: text => void warnings.push(text) }),
  )
  const lines = await feed(
    step,
    values.map((each, n) => poolLine(n, each)),
    64,
  )
  await step.close?.()
  const name = model.split('@')[0]!
  return { said: lines.map(line => JSON.parse(line).prediction[name]), warnings }
}

test('each input alone at the centre of its training rows, the largest change first', async t => {
  const root = folder(t)
  byHand(root, '1', AROUND_ZERO)
  const { said } = await predicted(root, 'own@1', [
    { priceChange1: 1, priceChange3: 1 },
    { priceChange1: 0, priceChange3: -1 },
    { priceChange1: 0, priceChange3: 0 },
    { priceChange1: 1, priceChange3: 1 },
  ])
  // σ(3) 0.952574, σ(2) 0.880797, σ(1) 0.731059; σ(−2) 0.119203, σ(0) 0.5.
  const first = [
    { name: 'priceChange3', value: 1, change: 0.221516 },
    { name: 'priceChange1', value: 1, change: 0.071777 },
  ]
  assert.deepEqual(said[0].moved, first)
  assert.deepEqual(said[1].moved, [{ name: 'priceChange3', value: -1, change: -0.380797 }])
  assert.deepEqual(said[2].moved, [])
  assert.deepEqual(said[3].moved, first, 'also from the cache')
})

test('prices are centred relative to the column that they are measured by', async t => {
  const root = folder(t)
  byHand(root, '1', { center: [0.5, 1], spread: [1, 1], p99: 1, by: 1, prices: [0, 1] })
  const { said } = await predicted(root, 'own@1', [{ priceChange1: 1, priceChange3: 4 }])
  // Centred it is half of 4: σ(9) 0.999877 becomes σ(10) 0.999955. The other’s level says nothing.
  assert.deepEqual(said[0].moved, [{ name: 'priceChange1', value: 1, change: -0.000078 }])
})

test('an unknown input is named without a value; a bundle without centre says so', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  const { said, warnings } = await predicted(root, 'moon@1', [{ priceChange3: 2 }])
  const inputs = said[0].moved.map(({ name }: { name: string }) => name)
  assert.ok(
    inputs.length > 0 && inputs.every((name: string) => POOL_NAMES.some(known => known === name)),
  )
  const unknown = said[0].moved.find(({ name }: { name: string }) => name === 'priceChange1')
  assert.ok(unknown !== undefined && !('value' in unknown) && unknown.change !== 0)
  assert.deepEqual(warnings, [])
  byHand(root, '2', undefined)
  const bare = await predicted(root, 'own@2', [{ priceChange1: 1, priceChange3: 1 }])
  assert.ok(!('moved' in bare.said[0]))
  assert.match(bare.warnings.join('\n'), /own@2 does not say what its training rows are centred on/)
})

test('models explain tells people of the first line that is scored, or of a named one', async t => {
  const root = folder(t)
  byHand(root, '1', AROUND_ZERO)
  byHand(root, '2', undefined)
  const path = join(root, 'lines.ndjson')
  const rows = [
    { priceChange3: 1 },
    { priceChange1: 1, priceChange3: 1 },
    { priceChange1: 2, priceChange3: 0 },
  ]
  const lines = rows.map((values, n) => poolLine(n, values).raw)
  writeFileSync(path, `${lines.join('\n')}\n`)
  const explained = (id: string | undefined, version = '1') =>
    explainLine(findVersion(listModels([root]), `own@${version}`), path, {
      id,
      signal: new AbortController().signal,
    })
  const text = await explained(undefined)
  assert.match(text, /^own@1 says p 0\.9526 of market:pool1:1 \(2023-11-14T22:13:20\.001Z\)\./)
  assert.match(text, /\n {2}priceChange3 +1 {2}\+0\.2215\n {2}priceChange1 +1 {2}\+0\.07178\n/)
  assert.match(await explained('market:pool2:2'), /says p 0\.8808 of market:pool2:2/)
  await assert.rejects(
    explained('market:pool0:0'),
    /no line market:pool0:0 .* gets a number: not-finite, p is NaN/,
  )
  await assert.rejects(explained('none'), DataError)
  await assert.rejects(explained(undefined, '2'), UsageError)
})
