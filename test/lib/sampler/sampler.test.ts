import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { UsageError } from '../../../lib/base/errors.ts'
import { defaultsOf } from '../../../lib/base/flags.ts'
import { newestOutcomes } from '../../../lib/sampler/outcomes.ts'
import { makeSampler, type SamplerOptions, type Watch } from '../../../lib/sampler/sampler.ts'
import { samplerFlags } from '../../../lib/sampler/sampler-flags.ts'
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

const LIMITS = { ...defaultsOf(samplerFlags), maxTokens: 1000 }

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

test('an outcome is rare with less than half an even share, from the first label on', async () => {
  const balance = makeBalance()
  assert.equal(balance.isRare('MOON'), false, 'without a label nothing is known')
  balance.add('STABLE')
  assert.deepEqual([balance.isRare('MOON'), balance.isRare('STABLE')], [true, false])
  for (let i = 0; i < 98; i++) balance.add('STABLE')
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

const trade = (mint: string, ts: number, sol: number, side = 'buy', priceSol = 1): string =>
  JSON.stringify({
    v: 1,
    id: `trade:${mint}:${ts}`,
    ts,
    kind: 'trade',
    mint,
    source: 't',
    trade: { dex: 'x', side, baseAmount: '1', quoteAmount: String(sol * 1e9), priceSol },
  })

test('a whale, a sure model and a shock ask for a look now; the list is written soon', async () => {
  const lines = [
    line('whale', T, 5000),
    line('small', T + 1, 5000),
    trade('small', T + 2000, 9.9),
    trade('sold', T + 2500, 50, 'sell'),
    trade('whale', T + 3000, 10),
    trade('shock', T + 6000, 0.1, 'buy', 1),
    trade('shock', T + 7000, 0.1, 'buy', 0.79),
    trade('calm', T + 6000, 0.1, 'buy', 1),
    trade('calm', T + 7000, 0.1, 'buy', 0.81),
    JSON.stringify({
      ...JSON.parse(trade('sure', T + 9000, 0.1)),
      prediction: { rug: { version: '1', p: 0.8 } },
    }),
  ]
  const { by, writes } = await sample(lines)
  assert.deepEqual(
    [...by].flatMap(([mint, { asked, askedTs }]) => (asked ? [[mint, asked, askedTs]] : [])).sort(),
    [
      ['shock', 'price', T + 7000],
      ['sure', 'prediction', T + 9000],
      ['whale', 'whale', T + 3000],
    ],
  )
  assert.equal(by.get('whale')?.dueTs, T + 3000)
  assert.equal(writes, 4, 'one for each and one at the end, long before a minute is over')
  const late = await sample([...lines, trade('calm', T + 6 * MINUTE, 0.1)])
  assert.equal(late.by.get('whale')?.asked, undefined, 'what was asked for is no longer now')
  // A market line is the look that was asked for.
  const seen = await sample([...lines, line('whale', T + 9500, 5000)])
  assert.equal(seen.by.get('whale')?.asked, undefined)
  assert.equal(seen.by.get('whale')?.dueTs, T + 9500 + 60 * MINUTE)
})

test('looks at once are bounded by token and minute, and what is left out is counted', async () => {
  const counts = new Map<string, number>()
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)
  const limits = { ...LIMITS, asks: 2 }
  await sample(
    [
      ...['a', 'a', 'b', 'c', 'd'].map((mint, i) => trade(mint, T + i, 20)),
      trade('e', T + MINUTE, 20),
    ],
    { limits, count },
  )
  assert.deepEqual(Object.fromEntries(counts), { 'ask-whale': 3, 'ask-over-limit': 2 })
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
  const next = await sample([line('other', T + 2 * MINUTE, 50_000)], { known: readWatches(path) })
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
