import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../lib/base/errors.ts'
import { defaultsOf } from '../../../lib/base/flags.ts'
import { armOf, parseSplit } from '../../../lib/decide/arms.ts'
import { makeGate } from '../../../lib/decide/gate.ts'
import { GATE_FLAGS } from '../../../lib/decide/gate-flags.ts'
import { gatePlan } from '../../../lib/decide/gate-plan.ts'
import { runStep } from '../../kit/step.ts'

const SPLIT = ['champion=0.9', 'challenger=0.1']

test('a split names both sides once, and shares sum to 1', () => {
  assert.deepEqual(parseSplit(SPLIT), { champion: 0.9, challenger: 0.1 })
  for (const [words, text] of [
    [['champion=0.9'], /no share of challenger/],
    [['champion=0.9', 'challenger=0.2'], /sum to 1\.1/],
    [['champion=0.5', 'champion=0.5'], /given twice/],
    [['champion=0.9', 'other=0.1'], /got other=0\.1/],
    [['champion=1.5', 'challenger=-0.5'], /got challenger=-0\.5/],
  ] as const)
    assert.throws(
      () => parseSplit(words),
      (error: unknown) => error instanceof UsageError && text.test(error.message),
    )
})

test('sides go by the mint alone, in their shares, and a larger one only takes tokens over', () => {
  const mints = Array.from({ length: 5000 }, (_, i) => `MINT${i}`)
  const at = (challenger: number) =>
    mints.map(mint => armOf(mint, { champion: 1 - challenger, challenger }) === 'challenger')
  const [small, large] = [at(0.1), at(0.3)]
  const shareOf = (sides: readonly boolean[]) => sides.filter(Boolean).length / mints.length
  // Four deviations of a binomial of 5,000: √(.1·.9/5000) = .0042, √(.3·.7/5000) = .0065.
  assert.ok(Math.abs(shareOf(small) - 0.1) < 0.017, `${shareOf(small)}`)
  assert.ok(Math.abs(shareOf(large) - 0.3) < 0.026, `${shareOf(large)}`)
  assert.ok(small.every((is, i) => !is || large[i]))
  assert.deepEqual(at(0.1), small)
})

test('the challenger decides by the versions on trial, each decision says its side', async () => {
  const counts = new Map<string, number>()
  const plan = gatePlan({ ...defaultsOf(GATE_FLAGS), split: SPLIT })
  const gate = makeGate({
    plan,
    onlyPassed: false,
    maxTokens: 1000,
    count: what => void counts.set(what, (counts.get(what) ?? 0) + 1),
  })
  const split = parseSplit(SPLIT)
  const named = (arm: string): string[] =>
    Array.from({ length: 200 }, (_, i) => `T${i}`).filter(mint => armOf(mint, split) === arm)
  const [champion, challenger, alone] = [
    named('champion')[0]!,
    named('challenger')[0]!,
    named('challenger')[1]!,
  ]
  const line = (mint: string, shadow: object) =>
    JSON.stringify({
      v: 1,
      id: `m:${mint}`,
      ts: 1_763_640_000_000,
      kind: 'market',
      mint,
      source: 't',
      market: { dex: 'x', priceSol: 1 },
      prediction: { moon: { version: '1', p: 0.9 }, rug: { version: '7', p: 0.1 } },
      ...shadow,
    })
  const trial = { shadow: { moon: { version: '2', p: 0.2 } } }
  const out = await runStep(gate, [line(champion, trial), line(challenger, trial), line(alone, {})])
  const decisions = out.map(text => JSON.parse(text).decision)
  assert.deepEqual(
    decisions.map(({ arm, versions, scores }) => [arm, versions, scores.model]),
    [
      ['champion', { moon: '1' }, 0.9],
      ['challenger', { moon: '2' }, 0.2],
      ['challenger', {}, 0.9],
    ],
  )
  // What nobody put on trial is decided by production, and counted.
  assert.equal(counts.get('challenger-without-trial'), 1)
  // The lines themselves stay as they were.
  assert.equal(JSON.parse(out[1]!).prediction.moon.p, 0.9)
  const without = gatePlan(defaultsOf(GATE_FLAGS))
  assert.notEqual(plan.config, without.config)
})
