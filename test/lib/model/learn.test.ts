import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { TemporaryError } from '../../../lib/base/errors.ts'
import { makeRng } from '../../../lib/base/rng.ts'
import { learnOnline } from '../../../lib/model/manage/run-learn.ts'
import { openPredictor } from '../../../lib/model/serve/open-predict.ts'
import type { ModelPrediction } from '../../../lib/records/prediction.ts'
import type { Rec } from '../../../lib/records/record.ts'
import type { Line } from '../../../lib/stream/line.ts'
import { feed, folder, makeModel, poolLine, served, use } from './fixture.ts'

/** Lines whose outcome depends on a feature that the foundation was never shown to matter. */
const rng = makeRng('online')
const lines = Array.from({ length: 1200 }, (_, n) =>
  poolLine(n, {
    priceChange1: rng.normal(),
    priceChange3: rng.normal(),
    consecutiveGains: 2,
    volumeSpike: rng.normal(),
  }),
)
const spikeOf = ({ rec }: Line): number => rec.features!.pool!.values!.volumeSpike!
const signal = new AbortController().signal

test('labels teach the online model; predict blends it in between batches by merit', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  const live = await openPredictor(served(root))
  const fixed = await openPredictor(served(root, { isDeterministic: true }))
  const before = (await feed(live, structuredClone(lines), 64)).map(text => JSON.parse(text) as Rec)
  const labelled = before.map((rec, n) => {
    const willMoon = rng.next() < 1 / (1 + Math.exp(-3 * spikeOf(lines[n]!)))
    const label = { horizon: 'n10', censored: false, willMoon, availableAt: rec.ts + 100_000 }
    return JSON.stringify({ ...rec, label })
  })
  const path = join(root, 'labels.ndjson')
  writeFileSync(path, `${labelled.slice(0, 650).join('\n')}\n`)
  const options = { models: root, home: root, signal, warn() {} }
  const first = await learnOnline('moon', path, options)
  assert.deepEqual(
    [first.lines, first.rows, first.learned, first.pending],
    [650, 650, 600, 50],
    'in batches of 100 matured labels',
  )
  const again = await learnOnline('moon', path, options)
  assert.deepEqual([again.learned, again.repeated, again.known], [0, 650, 600])
  writeFileSync(path, `${labelled.join('\n')}\n`)
  assert.equal((await learnOnline('moon', path, options)).known, 1200)

  const said = async (step: typeof live): Promise<ModelPrediction[]> =>
    (await feed(step, structuredClone(lines), 64)).map(text => JSON.parse(text).prediction.moon)
  const after = await said(live)
  let [old, blend] = [0, 0]
  after.forEach((prediction, n) => {
    const { foundation, online, p } = prediction
    assert.equal(foundation, before[n]?.prediction?.moon?.p)
    const share = prediction.onlineShare!
    assert.ok(share > 0.3, `${share}`)
    assert.ok(Math.abs(p! - ((1 - share) * foundation! + share * online!)) < 1e-12)
    assert.deepEqual(Object.keys(prediction), [
      'version',
      'p',
      'foundation',
      'online',
      'onlineShare',
      'outOfDistribution',
      'imputed',
      'maxImputed',
    ])
    const y = JSON.parse(labelled[n]!).label.willMoon ? 1 : 0
    old += (foundation! - y) ** 2
    blend += (p! - y) ** 2
  })
  assert.ok(blend < old, `Brier ${blend / 1200} against ${old / 1200}`)
  assert.deepEqual(
    (await said(fixed)).map(({ p, online }) => [p, online]),
    before.map(({ prediction }) => [prediction?.moon?.p, undefined]),
    'a deterministic run keeps the state of its start',
  )
  for (const step of [live, fixed]) await step.close?.()
})

test('--follow learns labels as they come, tells each lot, ends for another version', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  const fifo = join(root, 'labels')
  execFileSync('mkfifo', [fifo])
  const told: Record<string, unknown>[] = []
  const heard = (): Promise<unknown> =>
    Promise.race([
      ended.then(error => assert.fail(String(error))),
      new Promise(resolve => {
        hear = resolve
      }),
    ])
  let hear: (row: unknown) => void = () => {}
  const follow = async (row: Record<string, unknown>): Promise<void> => {
    told.push(row)
    hear(row)
  }
  const done = learnOnline('moon', fifo, { models: root, home: root, signal, warn() {}, follow })
  const ended = done.then(
    () => undefined,
    (error: unknown) => error,
  )
  const pipe = createWriteStream(fifo)
  const line = (n: number): string => {
    const { rec } = structuredClone(lines[n]!)
    const label = {
      horizon: 'n10',
      censored: false,
      willMoon: n % 2 === 0,
      availableAt: rec.ts + 1,
    }
    return `${JSON.stringify({ ...rec, label, prediction: { moon: { version: '1', p: 0.5 } } })}\n`
  }
  let next = heard()
  pipe.write(line(0))
  await next
  next = heard()
  pipe.write(line(1) + line(2))
  await next
  assert.deepEqual(
    told.map(({ known, labelsUntil, takesPart }) => [known, labelsUntil, takesPart]),
    [
      [1, 499, false],
      [3, 497, false],
    ],
  )
  // Another version is put to use: what would be learned now is not about this one.
  await makeModel(root, 'moon', '2')
  use(root, 'moon', { production: '2' })
  pipe.write(line(3))
  const error = await ended
  assert.ok(error instanceof TemporaryError && /2 is in production now/.test(error.message))
  pipe.destroy()
})

test('damaged state: refused at the start, told and not taken while running', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  const dir = join(root, 'online', 'moon', '1')
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'online.json'), '{"format":')
  await assert.rejects(openPredictor(served(root)), {
    code: 2,
    message: /online\.json: .*; remove it to start anew$/,
  })
  writeFileSync(join(dir, 'online.json'), '{"format":1,"foundation":"other"}')
  const alerts: string[] = []
  const step = await openPredictor(served(root, { stderr: text => void alerts.push(text) }))
  writeFileSync(join(dir, 'online.json'), '{"format":')
  const [text] = await feed(step, [poolLine(1, { priceChange1: 1 })], 1)
  await step.close?.()
  assert.equal(JSON.parse(text!).prediction.moon.error, undefined)
  assert.match(alerts[0]!, /"name":"online-refused"/)
})

test('lines about another version, another horizon or without features teach nothing', async t => {
  const root = folder(t)
  const { inputs } = await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  const base = { v: 1, id: 'a', ts: 1, kind: 'market', mint: 'M', source: 'test' }
  const pool = { hash: inputs[0]?.hash, ready: true, values: { priceChange1: 1 } }
  const label = { horizon: 'n10', censored: false, willMoon: true, availableAt: 5 }
  const prediction = { moon: { version: '1', p: 0.5 } }
  const features = { pool }
  const all = [
    { ...base, features, prediction, label },
    { ...base, features, prediction: { moon: { version: '0', p: 0.5 } }, label },
    { ...base, features, prediction, label: { horizon: 'h1', censored: false, availableAt: 5 } },
    { ...base, prediction, label },
    { ...base, features: { pool: { ...pool, hash: 'aaaaaaaaaaaa' } }, prediction, label },
    { ...base, features, prediction: { moon: { version: '1', error: 'timeout' } }, label },
  ]
  const path = join(root, 'labels.ndjson')
  writeFileSync(path, all.map(line => `${JSON.stringify(line)}\n`).join(''))
  const options = { models: root, home: root, signal, warn() {} }
  const { lines: read, rows } = await learnOnline('moon', path, options)
  assert.deepEqual([read, rows], [6, 1])
  const state = JSON.parse(readFileSync(join(root, 'online', 'moon', '1', 'online.json'), 'utf8'))
  assert.deepEqual(
    state.state.pending.map(({ id }: { id: string }) => id),
    ['a'],
  )
})

test('labels out of order are put in order; those older than the state are told', async t => {
  const root = folder(t)
  const { inputs } = await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  const draw = makeRng('order')
  const all = Array.from({ length: 450 }, (_, n) => {
    const x = draw.normal()
    const values = { priceChange1: x, volumeSpike: draw.normal() }
    return JSON.stringify({
      v: 1,
      id: `m:${n}`,
      ts: n,
      kind: 'market',
      mint: 'M',
      source: 'test',
      features: { pool: { hash: inputs[0]?.hash, ready: true, values } },
      prediction: { moon: { version: '1', p: 0.5 } },
      label: { horizon: 'n10', censored: false, willMoon: x > 0, availableAt: 1000 + n },
    })
  })
  const stateAfter = async (name: string, ...files: string[][]) => {
    const home = join(root, name)
    const said: string[] = []
    const options = { models: root, home, signal, warn: (text: string) => void said.push(text) }
    const counts = []
    for (const [i, file] of files.entries()) {
      const path = join(root, `${name}-${i}.ndjson`)
      writeFileSync(path, file.map(line => `${line}\n`).join(''))
      counts.push(await learnOnline('moon', path, options))
    }
    const state = readFileSync(join(home, 'online', 'moon', '1', 'online.json'), 'utf8')
    return { state, said, counts }
  }
  const sorted = await stateAfter('sorted', all)
  assert.deepEqual([sorted.said, sorted.counts[0]?.learned], [[], 400])
  const mixed = await stateAfter('mixed', [...all].reverse())
  assert.equal(mixed.state, sorted.state)
  assert.deepEqual([mixed.counts[0]?.reordered, mixed.counts[0]?.late], [449, 0])
  assert.match(mixed.said.join(), /449 of 450 labels stood behind a later one/)
  const parts = await stateAfter('parts', all.slice(250), all.slice(0, 250))
  assert.equal(parts.counts[1]?.late, 250)
  assert.match(parts.said.join(), /250 of 250 labels are from before/)
})
