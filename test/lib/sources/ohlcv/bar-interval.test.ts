import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../../lib/base/errors.ts'
import { intervalsFrom, makeSteps } from '../../../../lib/sources/ohlcv/bar-interval.ts'
import type { Bar } from '../../../../lib/sources/ohlcv/price-row.ts'

const bar = (mint: string, openAt: number): Bar => ({
  mint,
  currency: undefined,
  openAt,
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volume: 1,
  trades: Number.NaN,
})

test('the most common step of each symbol; gaps, repeats and steps back do not count', () => {
  const steps = makeSteps()
  for (const at of [0, 5, 10, 10, 100, 105, 50, 55]) steps.see(bar('A', at))
  for (const at of [0, 60, 120]) steps.see(bar('B', at))
  for (const at of [0, 60, 65]) steps.see(bar('C', at))
  steps.see(bar('D', 0))
  const of = intervalsFrom(steps.modes(), undefined)
  assert.equal(of('A'), 5)
  assert.equal(of('B'), 60)
  assert.equal(of('C'), 5, 'equally common: the smaller, a gap is longer than a bar')
  assert.equal(of('D'), 5, 'a lone bar is as long as those of most others')
})

test('one bar alone does not tell; --interval does', () => {
  assert.throws(() => intervalsFrom(new Map(), undefined)('A'), UsageError)
  assert.equal(intervalsFrom(new Map(), 300_000)('A'), 300_000)
})
