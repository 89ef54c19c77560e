import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultsOf } from '../../../lib/base/flags.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { openTrading } from '../../../lib/trade/execute/execute.ts'
import { EXECUTE_FLAGS, type ExecuteFlags } from '../../../lib/trade/execute/execute-flags.ts'
import { executeOptions } from '../../../lib/trade/execute/execute-plan.ts'
import { makeTrader } from '../../../lib/trade/trader.ts'

const DAY = 86_400_000
/** Noon of 2023-11-14 UTC. */
const NOON = 1_699_963_200_000

test('a run with a clock of its own marks its account by it: lines are older, or stay away', () => {
  let clock = NOON
  const flags = { ...(defaultsOf(EXECUTE_FLAGS) as ExecuteFlags), expireRate: 0, revertRate: 0 }
  const options = executeOptions(flags, '/nowhere')
  const outside = { ...options.outside, now: () => clock }
  const opened = openTrading({ ...options, outside, count() {}, warn() {} })
  const trader = makeTrader(opened.trading)
  trader.restore()
  const line = (seconds: number, more: object = {}): Rec => {
    clock = NOON + seconds * 1000
    const market = {
      dex: 'raydium',
      quoteMint: 'So11111111111111111111111111111111111111112',
      baseAmount: '1000000000000',
      quoteAmount: '1000000000000',
      baseDecimals: 6,
      feeBps: 0,
    }
    // Every line is two seconds old when it comes.
    const ts = clock - 2000
    return { v: 1, id: `l${seconds}`, ts, kind: 'market', mint: 'M', source: 't', market, ...more }
  }
  const marksOf = (): [number, string][] =>
    opened.commit().flatMap(({ rec }) => (rec.equity ? [[rec.ts, rec.equity.startLamports]] : []))
  trader.take(line(0))
  trader.take(line(1, { decision: { act: 'buy', reasons: [] } }))
  for (const seconds of [5, 10, 15]) trader.take(line(seconds))
  assert.ok(opened.trading.account.book.heldOf('M') !== undefined, 'it holds something')
  assert.deepEqual(marksOf(), [])
  // No line comes any more: the guard of positions looks at the clock.
  clock = NOON + DAY
  trader.look({ v: 1, id: 'tick', ts: clock, kind: 'tick', source: 'execute' })
  const midnight = NOON + DAY / 2
  assert.deepEqual(marksOf(), [[midnight, '10000000000']])
  // A line of the day after, two seconds old; then nothing until the day is over.
  trader.take(line(DAY / 1000 + 60))
  assert.deepEqual(marksOf(), [])
  trader.take(line((2 * DAY) / 1000))
  assert.deepEqual(marksOf(), [[midnight + DAY, '10000000000']])
  opened.close()
})
