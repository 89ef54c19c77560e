import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeRng } from '../../../lib/base/rng.ts'
import type { Bundle } from '../../../lib/model/bundle.ts'
import { trainedUntil } from '../../../lib/model/data-age.ts'
import { type Entry, listModels } from '../../../lib/model/registry.ts'
import { openLineup } from '../../../lib/model/serve/lineup.ts'
import { openPredictor } from '../../../lib/model/serve/open-predict.ts'
import type { Scoring } from '../../../lib/model/serve/scoring.ts'
import type { ModelPrediction } from '../../../lib/records/prediction.ts'
import type { Line } from '../../../lib/stream/line.ts'
import type { Step } from '../../../lib/stream/step.ts'
import { feed, folder, makeModel, poolLine, served, use } from './fixture.ts'

const DAY = 86_400_000
const line = (n: number, x = 1): Line =>
  poolLine(n, { priceChange1: x, priceChange3: 0, consecutiveGains: 2, volumeSpike: 0 })
const wait = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

async function predictions(step: Step, lines: readonly Line[]): Promise<ModelPrediction[]> {
  return (await feed(step, lines, 64)).map(text => JSON.parse(text).prediction?.moon)
}

test('a prediction says how far it is from the training data, and what was guessed', async t => {
  const root = folder(t)
  const { distribution } = await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  const step = await openPredictor(served(root))
  const far = poolLine(2, { priceChange1: 1000, consecutiveGains: 0 })
  const [near, away] = await predictions(step, [line(1), far])
  await step.close?.()
  assert.deepEqual(near?.imputed, [])
  assert.deepEqual(away?.imputed, ['priceChange3', 'volumeSpike'])
  assert.ok(near!.outOfDistribution! < 1)
  // Root mean square of the known features in spreads around the centre, over p99
  // (lib/model/training-distance.ts).
  const { center, spread, p99 } = distribution!
  const z = [(1000 - center[0]!) / spread[0]!, (0 - center[2]!) / spread[2]!]
  const want = Math.sqrt((z[0]! ** 2 + z[1]! ** 2) / 2) / p99
  assert.ok(Math.abs(away!.outOfDistribution! - want) < 1e-4 * want)
})

test(
  'the cache answers what it has answered before, within a minute of event time, with the same ' +
    'bytes',
  async t => {
    const root = folder(t)
    await makeModel(root, 'moon', '1')
    use(root, 'moon', { production: '1' })
    const notes = new Map<string, string>()
    const note = (what: string, value: string): void => void notes.set(what, value)
    const at = (ms: number): Line => {
      const { rec } = line(1)
      rec.ts += ms
      return { raw: JSON.stringify(rec), rec, checked: undefined, no: 0 }
    }
    const outputs: string[][] = []
    for (const cache of [100, 0]) {
      const step = await openPredictor(served(root, { cache, note }))
      outputs.push(await feed(step, [at(0), at(30_000), at(60_001), at(60_002)], 1))
      await step.close?.()
      // The second and the fourth of four.
      if (cache > 0) assert.equal(notes.get('cache hits'), '50.0%')
    }
    assert.deepEqual(outputs[0], outputs[1])
  },
)

test('an old model is refused: at the start by the wall clock, then by event time', async t => {
  const root = folder(t)
  const bundle = await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  const until = Math.max(...Object.values(bundle.data.parts).map(({ to }) => to!))
  assert.equal(trainedUntil(bundle), until)
  await assert.rejects(openPredictor(served(root, { maxModelAge: 30 * DAY })), {
    code: 2,
    message:
      'moon@1: its data end on 2023-11-15, longer ago than --max-model-age; train it anew, ' +
      'leave it out with --model, or allow more',
  })
  const alerts: string[] = []
  const stderr = (text: string): void => void alerts.push(text)
  const step = await openPredictor(
    served(root, { maxModelAge: DAY, isDeterministic: true, stderr }),
  )
  const late = line(2)
  late.rec.ts = until + DAY + 1
  const [fresh, old] = await predictions(step, [line(1), late])
  await step.close?.()
  assert.equal(fresh?.error, undefined)
  assert.equal(old?.error, 'expired')
  assert.match(old!.reason!, /^older than --max-model-age since 2023-11-16T.*; train it anew$/)
  assert.equal(alerts.length, 1)
  assert.match(alerts[0]!, /"name":"expired","text":"moon: older than/)
})

test('the age of a model without times is that of its version, or unknown', async t => {
  const root = folder(t)
  const bundle = await makeModel(root, 'moon', '1')
  const data = { ...bundle.data, parts: { train: { rows: 9, from: 0, to: 1160 } } }
  assert.equal(trainedUntil({ ...bundle, data, version: '2026-11-20.1' }), Date.UTC(2026, 10, 20))
  assert.equal(trainedUntil({ ...bundle, data, version: '2022.1' }), undefined)
  writeFileSync(join(root, 'moon', '1', 'bundle.json'), JSON.stringify({ ...bundle, data }))
  await assert.rejects(
    openPredictor(served(root, { model: ['moon@1'], maxModelAge: DAY })),
    /its age is not known/,
  )
})

test('a model that reads a tensor of another set version is refused at the start', async t => {
  const root = folder(t)
  const bundle = await makeModel(root, 'moon', '1')
  const [input] = bundle.inputs
  const tensor = {
    name: input!.name,
    set: 'sequence',
    hash: 'aaaaaaaaaaaa',
    tensor: 'candles',
    shape: [100, 5],
  }
  writeFileSync(
    join(root, 'moon', '1', 'bundle.json'),
    JSON.stringify({ ...bundle, inputs: [tensor] }),
  )
  await assert.rejects(openPredictor(served(root, { model: ['moon@1'] })), {
    code: 2,
    message:
      /it was trained on sequence aaaaaaaaaaaa, this version makes [0-9a-f]{12}; train it anew/,
  })
})

test('a model that appears while running is taken', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  const step = await openPredictor(served(root))
  const seen = async (): Promise<string> => {
    for (let i = 0; i < 4; i++) {
      await feed(step, [line(1)], 1)
      await wait(400)
    }
    const [text] = await feed(step, [line(1)], 1)
    return Object.entries(JSON.parse(text!).prediction)
      .map(([name, said]) => `${name}@${(said as { version: string }).version}`)
      .join(' ')
  }
  assert.equal(await seen(), 'moon@1')
  await makeModel(root, 'rug', '7')
  assert.equal(await seen(), 'moon@1', 'a version without an alias serves nobody')
  use(root, 'rug', { production: '7' })
  assert.equal(await seen(), 'moon@1 rug@7')
  await makeModel(root, 'rug', '8', { rounds: 5 })
  use(root, 'rug', { production: '8' })
  assert.equal(await seen(), 'moon@1 rug@8')
  await step.close?.()
})

test('a kind that is left out scores nothing, on trial or not; named, it is refused', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1', shadow: '1' })
  for (const [withoutKinds, isScored] of [
    [['sequence', 'moon'], false],
    [['rug'], true],
  ] as const) {
    const notes: string[] = []
    const note = (what: string): void => void notes.push(what)
    const step = await openPredictor(served(root, { withoutKinds, note }))
    const [text] = await feed(step, [line(1)], 1)
    await step.close?.()
    const { prediction, shadow } = JSON.parse(text!)
    assert.deepEqual([prediction !== undefined, shadow !== undefined], [isScored, isScored])
    // No row came twice, so no share of hits is told.
    assert.deepEqual(notes.includes('errors'), isScored)
    assert.ok(!notes.includes('cache hits'))
  }
  await assert.rejects(openPredictor(served(root, { withoutKinds: ['moon'], model: ['moon'] })), {
    message: '--model names moon, which --without-kinds (or ML_…_ENABLED=false) leaves out',
  })
})

test('versions on trial come and go while running; pinned ones stay', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  await makeModel(root, 'moon', '2', { rounds: 5 })
  use(root, 'moon', { production: '1' })
  const steps = {
    live: await openPredictor(served(root)),
    pinned: await openPredictor(served(root, { model: ['moon@1'], shadow: false })),
    fixed: await openPredictor(served(root, { isDeterministic: true })),
  }
  const seen = async (name: keyof typeof steps): Promise<string> => {
    for (let i = 0; i < 4; i++) {
      await feed(steps[name], [line(1)], 1)
      await wait(110)
    }
    const [text] = await feed(steps[name], [line(1)], 1)
    const { prediction, shadow } = JSON.parse(text!)
    return `${prediction.moon.version} ${shadow?.moon.version ?? '-'}`
  }
  assert.equal(await seen('live'), '1 -')
  use(root, 'moon', { production: '1', shadow: '2' })
  assert.equal(await seen('live'), '1 2')
  use(root, 'moon', { production: '2', previous: '1' })
  assert.equal(await seen('live'), '2 -')
  assert.equal(await seen('pinned'), '1 -')
  assert.equal(await seen('fixed'), '1 -')
  for (const step of Object.values(steps)) await step.close?.()
})

test('damaged aliases are not taken and told; the next good ones are', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  await makeModel(root, 'moon', '2', { rounds: 5 })
  use(root, 'moon', { production: '1' })
  const alerts: string[] = []
  const step = await openPredictor(served(root, { stderr: text => void alerts.push(text) }))
  const versions: (string | undefined)[] = []
  const path = join(root, 'moon', 'aliases.json')
  const contents = [
    '{"production":',
    '{}',
    '{"production":"9"}',
    readFileSync(path, 'utf8'),
    '{"production":"2"}',
  ]
  for (const text of contents) {
    writeFileSync(path, text)
    for (let i = 0; i < 4; i++) {
      await wait(110)
      versions.push((await predictions(step, [line(1)]))[0]?.version)
    }
  }
  await step.close?.()
  assert.deepEqual(versions.slice(0, 17), Array(17).fill('1'))
  assert.equal(versions.at(-1), '2')
  assert.deepEqual(
    alerts.map(text => JSON.parse(text).alert.text.replace(root, '')),
    [
      '/moon/aliases.json: not JSON; set it again with: sluice models alias',
      'moon has lost its production version; 1 stays in use',
      "/moon/9/bundle.json: ENOENT: no such file or directory, open '" +
        join(root, 'moon/9/bundle.json') +
        "'; 1 stays in use",
    ],
  )
})

test('ten swaps, each asked for while lines flow: every batch is of one version', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  await makeModel(root, 'moon', '2', { rounds: 5 })
  use(root, 'moon', { production: '1' })
  const notes = new Map<string, string>()
  const step = await openPredictor(
    served(root, { note: (what, value) => void notes.set(what, value) }),
  )
  let n = 0
  for (let swap = 1; swap <= 10; swap++) {
    const production = String(1 + (swap % 2))
    use(root, 'moon', { production })
    let version: string | undefined
    for (let tries = 0; version !== production && tries < 400; tries++) {
      const got = await predictions(step, [line(n++), line(n++, 2)])
      assert.ok(got.every(each => each.error === undefined && each.version === got[0]?.version))
      version = got[0]?.version
      await wait(5)
    }
    assert.equal(version, production)
  }
  await step.close?.()
  assert.equal(notes.get('swaps'), '10')
})

test('whatever the aliases do, only the version in use stays open, none after the end', async t => {
  const root = folder(t)
  for (const version of ['1', '2', '3']) await makeModel(root, 'moon', version, { rounds: 2 })
  use(root, 'moon', { production: '1' })
  const entry = listModels([root]).get('moon')!
  const open = new Set<object>()
  const openScoring = async (
    _: Entry,
    version: string,
    part: 'prediction' | 'shadow',
  ): Promise<Scoring> => {
    await wait(3)
    const scoring = {
      bundle: { version } as Bundle,
      part,
      score: async () => [],
      release: async () => void assert.ok(open.delete(scoring), 'released once'),
    }
    open.add(scoring)
    return scoring
  }
  let ms = 0
  const slots = [
    { entry, part: 'prediction', alias: 'production', version: '1', isOptional: false },
    { entry, part: 'shadow', alias: 'shadow', version: '', isOptional: true },
  ] as const
  const now = (): number => (ms += 100)
  const refused = (_: string, text: string): void => assert.fail(text)
  const lineup = await openLineup(slots, {
    open: openScoring,
    isPinned: false,
    slots: () => [],
    refused,
    swapped: () => {},
    now,
  })
  const rng = makeRng('aliases')
  for (let i = 0; i < 150; i++) {
    const shadow = rng.below(4)
    const trial = shadow === 0 ? {} : { shadow: String(shadow) }
    if (i % 3 === 0) use(root, 'moon', { production: String(1 + rng.below(3)), ...trial })
    const models = await lineup.current()
    assert.ok(models.every(model => open.has(model)))
    await wait(rng.below(5))
  }
  use(root, 'moon', { production: '3' })
  for (let i = 0; i < 10; i++, await wait(5)) await lineup.current()
  assert.deepEqual(
    (await lineup.current()).map(({ bundle, part }) => [bundle.version, part]),
    [['3', 'prediction']],
  )
  assert.equal(open.size, 1)
  await lineup.close()
  assert.equal(open.size, 0)
})
