import assert from 'node:assert/strict'
import { test } from 'node:test'
import strategy, { strategyOver } from '../../cmd/strategy.ts'
import { int } from '../../lib/base/flags.ts'
import type { StepCommand } from '../../lib/cli/command.ts'
import { strategy as declare, hold, opinion } from '../../lib/strategy/bar-strategy.ts'
import { STRATEGIES } from '../../lib/strategy/strategies.ts'
import { contextOf, runStep } from '../kit/step.ts'

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

/** As a stranger would write it: buys every n-th bar. */
const everyNth = declare({
  name: 'every-nth',
  version: 3,
  doc: 'buys every n-th bar',
  flags: { nth: int('bars from one buy to the next', { default: 7, min: 1 }) },
  make: ({ nth }) => {
    let bars = 0
    return { update: () => (++bars % nth === 0 ? opinion('buy', 0.6, ['turn']) : hold()) }
  },
})

test('a strategy from elsewhere brings its flags and is used when it is named', async () => {
  const command = strategyOver([...STRATEGIES, everyNth]) as StepCommand<any>
  assert.equal(command.flags.nth?.default, 7)
  assert.ok(command.details?.includes('every-nth (buys every n-th bar)'))
  assert.deepEqual(
    command.flags.use?.default,
    STRATEGIES.map(({ name }) => name),
  )
  const made = await command.make(contextOf(command, { use: ['every-nth'], nth: 2 }))
  const out = await runStep(made, [candle(1), candle(2), candle(3), candle(4)])
  const said = out.map(raw => JSON.parse(raw).strategy['every-nth'].signal)
  assert.deepEqual(said, ['hold', 'buy', 'hold', 'buy'])
})

test('two strategies that call a flag the same are refused', () => {
  const again = { ...everyNth, name: 'again' }
  assert.throws(() => strategyOver([everyNth, again]), /again: there is a flag nth already/)
  const taken = declare({ ...everyNth, flags: { use: int('how many', { default: 1 }) } } as never)
  assert.throws(() => strategyOver([taken]), /every-nth: there is a flag use already/)
})
