import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../lib/base/errors.ts'
import type { Label } from '../../../lib/records/label.ts'
import { anchor, HOUR, MIN, market, run, runWhole, T0, tick } from './stream.ts'

/** Falls to 0.55 after half an hour, is at 0.74 when the hour ends and at 1.2 after two. */
const lines = [
  anchor(0, 1),
  market(30 * MIN, 0.55),
  market(59 * MIN, 0.74),
  market(2 * HOUR, 1.2),
  tick(3 * HOUR),
]
const of = (horizon: string, options = {}): Label | undefined =>
  run(lines, { horizons: [horizon], ...options })[0]?.label

test('bounds of the classes, the rug and the profit are settings', () => {
  assert.deepEqual([of('h1')?.outcome, of('h1')?.rug, of('h2')?.profitable], ['DIP', false, false])
  const bounds = ['-0.4', '-0.25', '-0.2', '0.1', '0.2', '0.3']
  assert.equal(of('h1', { bounds })?.outcome, 'DECLINE', '-26 % is between -40 % and -25 %')
  assert.equal(of('h1', { rugLoss: 0.45 })?.rug, true, 'its worst was -45 %')
  const late = of('h2', { profitWithin: 2 * HOUR })
  assert.deepEqual([late?.maxProfit, late?.profitable], [0.2, true])
  assert.equal(of('h2', { profitWithin: 2 * HOUR, profit: 0.21 })?.profitable, false)
})

test('horizons are any minutes, hours, days and snapshots', () => {
  const made = run(lines, { horizons: ['n2', 'm45', 'h2', 'm30'] }).map(({ label }) => [
    label?.horizon,
    label?.return ?? label?.futureMaxGain,
    (label?.availableAt ?? 0) - T0,
  ])
  assert.deepEqual(made, [
    ['m30', -0.45, 30 * MIN],
    ['m45', -0.45, 45 * MIN],
    ['n2', -0.26, 59 * MIN],
    ['h2', 0.2, 2 * HOUR],
  ])
  for (const horizons of [['h24', 'd1'], ['h721'], ['n1001'], ['h01'], ['w1']])
    assert.throws(() => run([], { horizons }), UsageError, horizons.join())
})

test('the hash says what a label means: each setting of it, and none of another horizon', () => {
  const hashes = (options = {}): Record<string, string | undefined> =>
    Object.fromEntries(
      runWhole(lines, { horizons: ['h1', 'n2'], ...options }).map(({ label }) => [
        label?.horizon ?? '',
        label?.hash,
      ]),
    )
  const usual = hashes()
  assert.notEqual(usual.h1, usual.n2)
  assert.deepEqual(hashes({ every: HOUR, late: 0 }), usual, 'which anchors there are is no matter')
  const timed = [{ rugLoss: 0.7 }, { profit: 0.1 }, { rugDrain: 0.5 }, { whaleUsd: 1 }]
  for (const change of [...timed, { profitWithin: 5 * MIN }, { bounds: BOUNDS }]) {
    assert.notEqual(hashes(change).h1, usual.h1, JSON.stringify(change))
    assert.equal(hashes(change).n2, usual.n2)
  }
  for (const change of [{ moonGain: 0.2 }, { willRugLoss: 0.4 }]) {
    assert.equal(hashes(change).h1, usual.h1)
    assert.notEqual(hashes(change).n2, usual.n2, JSON.stringify(change))
  }
  assert.deepEqual(hashes({ profitWithin: 3 * HOUR }), usual, 'an hour ends before it')
})
const BOUNDS = ['-0.8', '-0.3', '-0.05', '0.05', '0.3', '2']

test('bounds that do not rise, or are not six, are refused', () => {
  for (const bounds of [['-0.8'], ['-0.3', '-0.8', '0', '1', '2', '3'], ['a', ...BOUNDS.slice(1)]])
    assert.throws(() => run([], { bounds }), UsageError, bounds.join())
})
