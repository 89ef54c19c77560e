import assert from 'node:assert/strict'
import { test } from 'node:test'
import strategy from '../../cmd/strategy.ts'
import type { StepCommand } from '../../lib/cli/command.ts'
import { STRATEGIES } from '../../lib/strategy/strategies.ts'
import { contextOf, runStep } from '../step.ts'

const candle = (i: number, more: object = {}): string =>
  JSON.stringify({
    v: 1,
    id: `c${i}`,
    ts: i * 300_000,
    kind: 'candle',
    mint: 'CAT',
    source: 'test',
    ...more,
    candle: {
      intervalMs: 300_000,
      openAt: 0,
      open: 100 - i,
      high: 101 - i,
      low: 99 - i,
      close: 99.5 - i,
      volume: 1,
    },
  })
const make = async (flags: object = {}) =>
  (strategy as StepCommand<any>).make(contextOf(strategy, flags as never))

test('the flag offers every strategy, in the order of the list', () => {
  assert.deepEqual(
    strategy.flags.use?.choices,
    STRATEGIES.map(({ name }) => name),
  )
})

test('only closed bars get opinions, from warm strategies alone', async () => {
  const bars = Array.from({ length: 30 }, (_, i) => candle(i))
  const tick = '{"v":1,"id":"tick:1","ts":1,"kind":"tick","source":"test"}'
  const out = await runStep(await make({ use: ['candlestick', 'dca'] }), [tick, ...bars])
  assert.equal(out[0], tick)
  assert.equal(out[1], bars[0])
  const opinions = JSON.parse(out.at(-1)!).strategy
  assert.deepEqual(Object.keys(opinions), ['candlestick'])
  assert.equal(out.at(-1), `${(bars.at(-1)!).slice(0, -1)},"strategy":${JSON.stringify(opinions)}}`)
})

test('warm bars shape the state without opinions, repeated bars are passed on unseen', async () => {
  const bars = Array.from({ length: 30 }, (_, i) => candle(i))
  const warmed = bars.map((_, i) => candle(i, i < 29 ? { warm: true } : {}))
  const plain = await runStep(await make(), bars)
  const after = await runStep(await make(), warmed)
  assert.deepEqual(after.slice(0, 29), warmed.slice(0, 29))
  assert.equal(after.at(-1), plain.at(-1))
  const twice = await runStep(await make(), [...bars, bars.at(-1)!])
  assert.equal(twice.at(-1), bars.at(-1))
})
