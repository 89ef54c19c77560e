import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openPredictor } from '../../../lib/model/serve/open-predict.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { feed, folder, makeModel, poolLine, served, use } from './fixture.ts'

test('a line with more unknown inputs than the test had is refused, told and counted', async t => {
  const root = folder(t)
  await makeModel(root, 'moon', '1')
  use(root, 'moon', { production: '1' })
  const path = join(root, 'moon', '1', 'bundle.json')
  const bundle = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify({ ...bundle, mostUnknown: 1, example: 'for this test' }))
  const counts: Record<string, number> = {}
  const said: string[] = []
  const step = await openPredictor({
    ...served(root),
    count: (what, by = 1) => void (counts[what] = (counts[what] ?? 0) + by),
    warn: text => void said.push(text),
  })
  const all = { priceChange1: 1, priceChange3: 1, consecutiveGains: 2, volumeSpike: 1 }
  const { volumeSpike: _, ...three } = all
  const lines = [all, three, { priceChange1: 1 }].map((values, n) => poolLine(n, values))
  const out = (await feed(step, lines, 3)).map(text => (JSON.parse(text) as Rec).prediction?.moon)
  await step.close?.()
  const wide = bundle.inputs[0].features.length
  assert.deepEqual(
    out.map(each => each?.error),
    wide === 4 ? [undefined, undefined, 'too-many-unknown'] : out.map(() => 'too-many-unknown'),
  )
  assert.match(out[2]?.reason ?? '', /inputs are unknown, on its test at most 1 were/)
  assert.equal(out[2]?.p, undefined, 'never a number beside it')
  assert.equal(counts['too-many-unknown'], out.filter(each => each?.error !== undefined).length)
  assert.match(said.join(), /moon@1 is an example only: for this test/)
})
