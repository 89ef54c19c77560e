import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { makePlayer, makeRecorder } from '../../../lib/features/kit/state-tape.ts'
import { DEFAULT_SETS, SET_NAMES, SETS, type SetName } from '../../../lib/features/sets.ts'
import { explain, fits } from '../../../lib/records/check.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { candle, HOUR, makeStep, market, run, T0, tick, toLine } from './lines.ts'
import { lines, MINTS } from './streams.ts'

const options = {
  smartWallets: new Set(['A']),
  garch: { mu: 0, omega: 1e-6, alpha: 0.1, beta: 0.8 },
}
const runAll = (recs: readonly Rec[], more = {}): string[] =>
  run(recs, SET_NAMES, { ...options, ...more })

test('prefix law: the output of the first k lines is a prefix of the output of all', () => {
  fc.assert(
    fc.property(
      lines,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(0, 1000),
      (recs, where, every) => {
        const k = Math.floor(where * recs.length)
        assert.deepEqual(runAll(recs.slice(0, k), { every }), runAll(recs, { every }).slice(0, k))
      },
    ),
    { numRuns: 40, endOnFailure: true },
  )
})

/** Lines of a mint in their order; which mint comes next is for `pick` to say. */
function interleave(recs: readonly Rec[], pick: (n: number) => number): Rec[] {
  const queues = MINTS.map(mint => recs.filter(rec => rec.mint === mint))
  const out: Rec[] = []
  for (
    let left = queues.filter(queue => queue.length > 0);
    left.length > 0;
    left = left.filter(q => q.length > 0)
  )
    out.push(left[pick(left.length)]!.shift()!)
  return out
}

test('order law: what a token gets does not depend on where lines of other tokens stand', () => {
  fc.assert(
    fc.property(lines, fc.infiniteStream(fc.nat()), (recs, picks) => {
      const tokens = recs.filter(rec => rec.mint !== undefined)
      const shuffled = interleave(tokens, n => (picks.next().value as number) % n)
      const byId = (out: string[]): Map<string, string> =>
        new Map(out.map(raw => [(JSON.parse(raw) as Rec).id, raw]))
      assert.deepEqual(
        byId(run(shuffled, DEFAULT_SETS, options)),
        byId(run(tokens, DEFAULT_SETS, options)),
      )
    }),
    { numRuns: 40, endOnFailure: true },
  )
})

test('a step that goes on from a recorded state gives the bytes of one that never stopped', () => {
  fc.assert(
    fc.property(lines, fc.double({ min: 0, max: 1, noNaN: true }), (recs, where) => {
      const k = Math.floor(where * recs.length)
      const { step: first } = makeStep(SET_NAMES, options)
      for (const rec of recs.slice(0, k)) first.line(toLine(rec), () => {})
      const { step: second } = makeStep(SET_NAMES, options)
      for (const [key, visit] of first.tokens()) {
        const recorder = makeRecorder()
        visit(recorder)
        const player = makePlayer(JSON.parse(JSON.stringify(recorder.recorded())))
        second.restoring(key)(player)
        assert.ok(player.isAtEnd())
      }
      const out: string[] = []
      for (const rec of recs.slice(k)) second.line(toLine(rec), line => out.push(line.raw))
      assert.deepEqual(out, runAll(recs).slice(k))
    }),
    { numRuns: 40, endOnFailure: true },
  )
})

test('whatever comes in: one line out per line in, valid parts, nothing but features added', () => {
  fc.assert(
    fc.property(lines, recs => {
      runAll(recs).forEach((raw, i) => {
        const { features, ...rest } = JSON.parse(raw) as Rec
        assert.deepEqual(rest, JSON.parse(JSON.stringify(recs[i])))
        if (features === undefined) {
          assert.equal(raw, JSON.stringify(recs[i]))
          return
        }
        if (!fits('features', features)) explain('features', features)
        assert.ok(!raw.includes(':-0,') && !raw.includes(':-0}'))
        for (const name of Object.keys(features))
          assert.ok(SETS[name as SetName].kinds.includes(recs[i]!.kind as 'tick'))
      })
    }),
    { numRuns: 60, endOnFailure: true },
  )
})

test('the record and its bytes say the same', () => {
  fc.assert(
    fc.property(lines, recs => {
      const { step } = makeStep(SET_NAMES, options)
      for (const rec of recs)
        step.line(toLine(rec), line => assert.deepEqual(JSON.parse(line.raw), line.rec))
    }),
    { numRuns: 30, endOnFailure: true },
  )
})

test('features of other sets on a line stay; a re-run replaces its own', () => {
  const plain = market(T0, { priceSol: 1 })
  const other = { mine: { hash: 'abc', ready: true } }
  const [once = ''] = run([{ ...plain, features: other }], ['pool'])
  assert.deepEqual(Object.keys((JSON.parse(once) as Rec).features ?? {}), ['mine', 'pool'])
  assert.equal(run([JSON.parse(once) as Rec], ['pool'])[0], once)
})

test('values stand in the order of their set', () => {
  const bars = Array.from({ length: 120 }, (_, i) =>
    candle(i, { open: 1 + i, high: 2 + i, low: 1, close: 1.5 + i, volume: 3, trades: 2 }),
  )
  const recs = [
    market(T0, {
      priceSol: 1,
      feeBps: 5,
      liquidityUsd: 1,
      marketCapUsd: 1,
      openAt: T0,
      volumeUsd: { h24: 1 },
    }),
    ...bars,
  ]
  const set = (JSON.parse(run(recs, ['sequence']).at(-1)!) as Rec).features?.sequence
  const names = [...Object.keys(set?.context ?? {}), ...Object.keys(set?.indicators ?? {})]
  const wanted = SETS.sequence.features.map(feature => feature.name).slice(5)
  assert.deepEqual(
    names,
    wanted.filter(name => name !== 'holders'),
  )
})

test('above --max-tokens the longest idle go, and are counted', () => {
  const { step, counts } = makeStep(['pool'], { maxTokens: 32 })
  for (let i = 0; i < 100; i++)
    step.line(toLine(market(T0 + i, { priceSol: 1 }, `M${i}`)), () => {})
  assert.ok([...step.tokens()].length <= 32)
  assert.ok((counts['tokens forgotten for --max-tokens'] ?? 0) >= 68)
  const out: Rec[] = []
  step.line(toLine(market(T0 + 200, { priceSol: 1 }, 'M99')), line => out.push(line.rec))
  assert.equal(out[0]?.features?.pool?.snapshots, 2)
})

test('a token idle for a day and an hour is forgotten and counted; no absurd tick does it', () => {
  const { step, counts } = makeStep(['pool'])
  const feed = (rec: Rec): void => step.line(toLine(rec), () => {})
  feed(market(T0, { priceSol: 1 }, 'OLD'))
  feed(tick(T0))
  feed(tick(9e12))
  assert.equal(counts['idle tokens forgotten'], undefined)
  feed(market(T0 + 20 * HOUR, { priceSol: 1 }, 'NEW'))
  for (let hour = 1; hour <= 26; hour++) feed(tick(T0 + hour * HOUR))
  assert.equal(counts['idle tokens forgotten'], 1)
  assert.deepEqual(
    [...step.tokens()].map(([key]) => key),
    ['NEW'],
  )
})

test('an hour behind the ticks a line finds its token; a day after its last, a new one', () => {
  const firstOf = (hours: number, isTicking: boolean): number | undefined => {
    const { step } = makeStep(['pool'])
    const out: Rec[] = []
    const feed = (rec: Rec): void => step.line(toLine(rec), line => out.push(line.rec))
    feed(market(T0, { priceSol: 1 }, 'CAT'))
    if (isTicking) for (let hour = 0; hour <= 25; hour++) feed(tick(T0 + hour * HOUR - 1))
    feed(market(T0 + hours * HOUR, { priceSol: 1 }, 'CAT'))
    return out.at(-1)?.features?.pool?.snapshots
  }
  for (const isTicking of [false, true]) {
    assert.equal(firstOf(24, isTicking), 2)
    assert.equal(firstOf(24.01, isTicking), 1)
  }
})

const TRAPS: [string, (values: number[]) => number[]][] = [
  ['a centred window', values => values.map((_, i) => (values[i - 1] ?? 0) + (values[i + 1] ?? 0))],
  ['a normaliser over the whole file', values => values.map(x => x / Math.max(...values))],
]
test('the prefix check would see lookahead if there were any', () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6]
  for (const [name, transform] of TRAPS) {
    const isCaught = values.some(
      (_, k) => String(transform(values.slice(0, k))) !== String(transform(values).slice(0, k)),
    )
    assert.ok(isCaught, name)
  }
})
