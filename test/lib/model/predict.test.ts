import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import { readBundle } from '../../../lib/model/files.ts'
import { openPredictor } from '../../../lib/model/serve/open-predict.ts'
import { verifyBundle } from '../../../lib/model/verify.ts'
import type { Line } from '../../../lib/stream/line.ts'
import { feed, folder, makeModel, poolLine, served, use } from './fixture.ts'

const open = (root: string, model?: string[]) => openPredictor(served(root, { model }))

/**
 * Runs lines through a fresh predictor in batches of the given size; returns the text of each line.
 */
async function run(root: string, lines: Line[], size: number, model?: string[]): Promise<string[]> {
  const step = await open(root, model)
  const out = await feed(step, lines, size)
  await step.close!()
  return out
}

const rng = makeRng('lines')
const lines = () =>
  Array.from({ length: 150 }, (_, n) => {
    const values: Record<string, number> = {
      priceChange1: rng.normal(),
      consecutiveGains: rng.below(9),
    }
    if (n % 3 > 0) values.priceChange3 = rng.normal()
    return n % 7 === 0
      ? poolLine(n, values, { ready: false, reason: 'needs 11 snapshots, has 3' })
      : poolLine(n, values)
  })

for (const algo of ['gbdt', 'forest', 'logistic'] as const) {
  test(`${algo}: what a line gets does not depend on its batch`, async t => {
    const root = folder(t)
    await makeModel(root, 'moon', '1', { algo })
    use(root, 'moon', { production: '1' })
    const all = lines()
    const copies = () => all.map(line => ({ ...line, rec: { ...line.rec } }))
    const whole = await run(root, copies(), 64)
    assert.ok(whole.some(text => text.includes('"prediction":{"moon":{"version":"1","p":0.')))
    for (const size of [1, 2, 7, 150]) assert.deepEqual(await run(root, copies(), size), whole)
  })
}

test('production and trial, each in its part; unready lines get the reason, no number', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  await makeModel(root, 'moon', '2', { rounds: 5 })
  use(root, 'moon', { production: '1', shadow: '2' })
  const [ready, unready] = (
    await run(
      root,
      [
        poolLine(1, { priceChange1: 1 }),
        poolLine(2, {}, { ready: false, reason: 'needs 11 snapshots, has 3' }),
      ],
      2,
    )
  ).map(text => JSON.parse(text))
  assert.equal(ready.prediction.moon.version, '1')
  assert.equal(ready.shadow.moon.version, '2')
  assert.ok(ready.prediction.moon.p > 0.6 && ready.prediction.moon.p < 1)
  assert.deepEqual(unready.prediction.moon, {
    error: 'not-ready',
    reason: 'needs 11 snapshots, has 3',
  })
  const pinned = JSON.parse(
    (await run(root, [poolLine(1, { priceChange1: 1 })], 1, ['moon@2']))[0]!,
  )
  assert.equal(pinned.prediction.moon.version, '2')
})

test('lines without the set, and warm lines, pass byte for byte', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  const bare = poolLine(1, { priceChange1: 1 })
  delete bare.rec.features
  bare.raw = '{"v":1, "id":"x","ts":1,"kind":"tick","source":"y","extra":[1.50]}'
  const warm = poolLine(2, { priceChange1: 1 })
  warm.rec.warm = true
  assert.deepEqual(await run(root, [bare, warm], 2), [bare.raw, warm.raw])
})

test('features of another version of the set are refused on the line', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  const [line] = await run(root, [poolLine(1, { priceChange1: 1 }, { hash: 'aaaaaaaaaaaa' })], 1)
  assert.equal(JSON.parse(line!).prediction.moon.error, 'feature-hash')
})

test('what cannot be served is refused at the start, with the remedy', async t => {
  const root = folder(t)
  const bundle = await makeModel(root, 'moon', '1')
  await assert.rejects(open(root, ['mon']), /no model "mon".*moon/)
  await assert.rejects(
    open(root, ['moon']),
    /no production version.*sluice models promote moon@VERSION/,
  )
  await assert.rejects(open(root, ['moon@9']), /no version "9"/)
  await assert.rejects(open(root, ['moon@1', 'moon@1']), /names moon twice/)
  const dir = join(root, 'moon', '1')
  const path = join(dir, 'bundle.json')
  writeFileSync(
    path,
    JSON.stringify({
      ...bundle,
      inputs: [{ ...bundle.inputs[0], features: ['vanished@1:fraction'] }],
    }),
  )
  await assert.rejects(
    open(root, ['moon@1']),
    /reads vanished@1:fraction, which set pool does not have; .*train it anew/,
  )
  writeFileSync(path, JSON.stringify({ ...bundle, heads: [{ name: 'p', output: 'nothing' }] }))
  await assert.rejects(open(root, ['moon@1']), /has no nothing/)
  writeFileSync(path, JSON.stringify({ ...bundle, kind: 'lottery' }))
  await assert.rejects(open(root, ['moon@1']), /bundle\.json: kind/)
  writeFileSync(path, '{"format":1,')
  await assert.rejects(open(root, ['moon@1']), /not JSON/)
  writeFileSync(path, JSON.stringify(bundle))
  appendFileSync(join(dir, 'model.onnx'), 'x')
  await assert.rejects(open(root, ['moon@1']), /model\.onnx: hash [0-9a-f]{12} is not the/)
})

test('ML_OFF switches scoring off', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  writeFileSync(join(root, 'ML_OFF'), '')
  const line = poolLine(1, { priceChange1: 1 })
  assert.deepEqual(await run(root, [line], 1), [line.raw])
})

test('parity rows give the recorded outputs, and a changed file is noticed', async t => {
  const root = folder(t)
  const bundle = await makeModel(root, 'moon', '1')
  const loaded = readBundle(join(root, 'moon', '1'))
  assert.equal(await verifyBundle(loaded), 0)
  const lie = {
    ...loaded,
    bundle: { ...bundle, parity: { ...bundle.parity, outputs: { p: [0.5, 0.5, 0.5, 0.5, 0.5] } } },
  }
  await assert.rejects(verifyBundle(lie), /for a parity row, not 0.5/)
  assert.match(
    readFileSync(join(root, 'moon', '1', 'CARD.md'), 'utf8'),
    /## Limits\n\n- For tests only\./,
  )
})
