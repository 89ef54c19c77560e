import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rec } from '../../../lib/records/record.ts'
import { setsOf, T0 } from './lines.ts'

const trade = (i: number, lamports: string, more = {}): Rec =>
  ({
    v: 1,
    id: `t:${i}`,
    ts: T0 + i * 1000,
    kind: 'trade',
    mint: 'CAT',
    pool: 'P',
    source: 't',
    trade: { dex: 'd', side: 'buy', baseAmount: '1', quoteAmount: lamports, ...more },
  }) as Rec

// R: quantile(log(1:21), c(.1, .5, .9, .99), type = 7) is log 3, log 11, log 19 and, between the
// 20th and 21st, log 20 + 0.8·(log 21 − log 20).
test('quantiles of the logarithm of size, as R has them', () => {
  const sizes = Array.from({ length: 21 }, (_, i) => trade(i, String((((i * 8) % 21) + 1) * 1e9)))
  const set = setsOf('sizes', sizes).at(-1)
  const wanted = {
    logSizeP10: Math.log(3),
    logSizeP50: Math.log(11),
    logSizeP90: Math.log(19),
    logSizeP99: Math.log(20) + 0.8 * (Math.log(21) - Math.log(20)),
    logSizeSpread: Math.log(19 / 3),
    sizedTrades: 21,
  }
  for (const [name, value] of Object.entries(wanted))
    assert.ok(Math.abs(set!.values![name]! - value) < 1e-12, name)
  assert.equal(set?.ready, true)
})

test('the last 256 count; other quotes and nothing at all do not', () => {
  const other = trade(0, '5000000', { quoteMint: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v' })
  const early = [other, trade(1, '0'), trade(2, '1000000000')]
  const [set] = setsOf('sizes', early).slice(-1)
  assert.deepEqual(set?.values, { sizedTrades: 1 })
  assert.deepEqual([set?.ready, set?.reason], [false, 'needs 20 trades, has 1'])
  const many = [...early, ...Array.from({ length: 256 }, (_, i) => trade(3 + i, '7000000000'))]
  const last = setsOf('sizes', many).at(-1)?.values
  assert.deepEqual(
    [last?.logSizeP10, last?.logSizeSpread, last?.sizedTrades],
    [Math.log(7), 0, 256],
  )
})
