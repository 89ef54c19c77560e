import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { UsageError } from '../../../lib/base/errors.ts'
import { newestOutcomes } from '../../../lib/sampler/outcomes.ts'
import { makeSampler, type SamplerOptions, type Watch } from '../../../lib/sampler/sampler.ts'
import { makeBalance, TIERS, tierOf } from '../../../lib/sampler/tiers.ts'
import { readWatches, writeWatches } from '../../../lib/sampler/watch-list.ts'
import { runStep } from '../../kit/step.ts'
import { folder } from '../model/fixture.ts'

const T = 1_700_000_000_000
const MINUTE = 60_000

const line = (
  mint: string,
  ts: number,
  liquidityUsd: number | undefined,
  more: object = {},
): string =>
  JSON.stringify({
    v: 1,
    id: `market:${mint}:${ts}`,
    ts,
    kind: 'market',
    mint,
    source: 't',
    market: { dex: 'x', ...(liquidityUsd === undefined ? {} : { liquidityUsd }) },
    ...more,
  })

const LIMITS = { raise: 60 * MINUTE, write: MINUTE, maxTokens: 1000 }

async function sample(lines: readonly string[], more: Partial<SamplerOptions> = {}) {
  let last: readonly Watch[] = []
  let writes = 0
  const write = (watches: readonly Watch[]): void => {
    last = watches
    writes++
  }
  const step = makeSampler({
    limits: LIMITS,
    known: [],
    write,
    count() {},
    ...more,
  })
  const out = await runStep(step, lines)
  return { out, writes, by: new Map(last.map(watch => [watch.mint, watch])), last }
}

test('tiers by liquidity; unknown is the last', () => {
  const minutes = [250_000, 100_000, 99_999, 10_000, 9999, 1000, 999, 0, undefined].map(
    usd => TIERS[tierOf(usd)]!.everyMs / MINUTE,
  )
  assert.deepEqual(minutes, [5, 5, 15, 15, 60, 60, 240, 240, 240])
})

test('predictions, events and rare outcomes raise a tier each, for an hour', async () => {
  const lines = [
    line('plain', T, 5000),
    line('hot', T, 5000, { prediction: { moon: { version: '1', p: 0.6 } } }),
    line('risky', T, 5000, { prediction: { rug: { version: '1', p: 0.5 } } }),
    line('safe', T, 5000, {
      prediction: { rug: { version: '1', p: 0.2 }, moon: { version: '1', error: 'timeout' } },
    }),
    line('both', T, 5000, {
      prediction: { moon: { version: '1', p: 0.9 } },
      decision: { act: 'buy' },
    }),
    line('top', T, 500_000, { decision: { act: 'sell' } }),
  ]
  const { by, out } = await sample(lines)
  assert.deepEqual(out, lines, 'lines pass untouched')
  const tiers = [...by].map(([mint, { tier }]) => [mint, tier]).sort()
  assert.deepEqual(tiers, [
    ['both', 'large'],
    ['hot', 'medium'],
    ['plain', 'small'],
    ['risky', 'medium'],
    ['safe', 'small'],
    ['top', 'large'],
  ])
  assert.deepEqual(by.get('both')?.reasons, ['event', 'prediction'])
  assert.equal(by.get('plain')?.dueTs, T + 60 * MINUTE)
  const later = await sample([...lines, line('hot', T + 60 * MINUTE, 5000)])
  assert.deepEqual([later.by.get('hot')?.tier, later.by.get('hot')?.reasons], ['small', []])
})

test('an outcome is rare with less than half an even share of a hundred labels', async () => {
  const balance = makeBalance()
  for (let i = 0; i < 99; i++) balance.add('STABLE')
  assert.equal(balance.isRare('MOON'), false)
  for (let i = 0; i < 7; i++) balance.add('MOON')
  // 106 labels: half of a seventh is 7.6.
  assert.deepEqual(
    [balance.isRare('MOON'), balance.isRare('STABLE'), balance.isRare('RUG')],
    [true, false, true],
  )
  const labels = Array.from({ length: 120 }, (_, i) =>
    line('x', T + i, undefined, {
      label: { horizon: 'h24', outcome: 'STABLE', censored: false, availableAt: T },
    }),
  )
  const said = (mint: string, outcome: string): string =>
    line(mint, T + 500, 5000, {
      prediction: { outcome: { version: '1', class: outcome, confidence: 0.3 } },
    })
  const { by } = await sample([...labels, said('rare', 'MOON'), said('common', 'STABLE')])
  assert.deepEqual(
    [by.get('rare')?.tier, by.get('common')?.tier, by.has('x')],
    ['medium', 'small', false],
  )
})

test('the quiet are forgotten, the list is bounded, and written by event time', async () => {
  const { by, writes } = await sample([
    line('old', T, 5000),
    line('new', T + 25 * 60 * MINUTE, 5000),
  ])
  assert.deepEqual([...by.keys()], ['new'])
  assert.equal(writes, 2, 'at the second line and at the end')
  const many = await sample(
    Array.from({ length: 50 }, (_, i) => line(`m${i}`, T + i, 5000)),
    { limits: { ...LIMITS, maxTokens: 10 } },
  )
  assert.equal(many.last.length, 10)
  assert.equal(many.last[0]?.mint, 'm40')
})

test('outcomes that a journal of labels holds count as those of the stream', async t => {
  const home = folder(t)
  assert.deepEqual(newestOutcomes(home, 'labels'), [])
  mkdirSync(join(home, 'journal/labels'), { recursive: true })
  const label = (n: number, outcome: string) =>
    JSON.stringify({ v: 1, id: `x:${n}`, label: { horizon: 'h1', outcome } })
  const all = Array.from({ length: 120 }, (_, n) => label(n, n < 118 ? 'STABLE' : 'MOON'))
  writeFileSync(join(home, 'journal/labels/2026-11-20.ndjson'), `${all.join('\n')}\n{"torn`)
  const outcomes = newestOutcomes(home, 'labels')
  assert.equal(outcomes.length, 120)
  const says = (name: string) => ({ prediction: { outcome: { version: '1', class: name } } })
  const lines = [line('moon', T, 5000, says('MOON')), line('flat', T + 1, 5000, says('STABLE'))]
  const { by } = await sample(lines, { outcomes })
  assert.deepEqual([by.get('moon')?.reasons, by.get('flat')?.reasons], [['rare'], []])
  assert.deepEqual((await sample(lines)).by.get('moon')?.reasons, [])
})

test('a list is taken up by the next run; any other file is refused', async t => {
  const path = join(folder(t), 'watch.ndjson')
  assert.deepEqual(readWatches(path), [])
  const first = await sample([
    line('hot', T, 5000, { prediction: { moon: { version: '1', p: 0.9 } } }),
  ])
  writeWatches(path, first.last)
  const next = await sample([line('other', T + 10 * MINUTE, 50_000)], { known: readWatches(path) })
  assert.deepEqual(next.by.get('hot'), first.by.get('hot'))
  writeFileSync(path, '{"some":"thing"}\n')
  assert.throws(() => readWatches(path), UsageError)
})

test('names of prototypes are tokens like any other', async () => {
  const names = fc.constantFrom('constructor', '__proto__', 'toString', 'a')
  await fc.assert(
    fc.asyncProperty(fc.array(names, { minLength: 1, maxLength: 20 }), async mints => {
      const { by } = await sample(mints.map((mint, i) => line(mint, T + i, 5000)))
      assert.deepEqual([...by.keys()].sort(), [...new Set(mints)].sort())
    }),
    { numRuns: 50 },
  )
})
