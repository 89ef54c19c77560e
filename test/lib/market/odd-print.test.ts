import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeCandleBuilder } from '../../../lib/market/candles.ts'
import { swapExactIn } from '../../../lib/market/constant-product.ts'
import { boundedTrade, oddness } from '../../../lib/market/odd-print.ts'
import type { Rec } from '../../../lib/records/record.ts'
import type { Trade } from '../../../lib/records/trade.ts'

/** A buy of 1,000 tokens for 1 SOL that leaves 100 SOL beside 100,000 tokens: 0.001 SOL a token. */
const fair: Trade = {
  dex: 'd',
  side: 'buy',
  baseDecimals: 6,
  baseAmount: '1000000000',
  quoteAmount: '1000000000',
  baseReserveAmount: '100000000000',
  quoteReserveAmount: '100000000000',
  priceSol: 0.001,
}
const lineOf = (trade: Trade, i = 0): Rec =>
  ({ v: 1, id: `t:${i}`, ts: i, kind: 'trade', mint: 'M', pool: 'P', source: 't', trade }) as Rec
const priceOf = (trade: Trade): number | undefined => boundedTrade(lineOf(trade)).trade?.priceSol

test('a print far from the reserves is bounded to what the pool could give, by hand', () => {
  assert.equal(priceOf(fair), 0.001)
  // Before: 99 SOL beside 101,000 tokens, 0.00098; after: 0.001. A tenth more or less is let.
  const near = (trade: Trade, wanted: number): void =>
    assert.ok(Math.abs(priceOf(trade)! / wanted - 1) < 1e-12, `${priceOf(trade)} is not ${wanted}`)
  near({ ...fair, priceSol: 35 }, 0.0011)
  near({ ...fair, priceSol: 1e-9 }, 99 / 101_000 / 1.1)
  near({ ...fair, priceSol: 0.00109 }, 0.00109)
  // A route of 40 SOL told beside the pool: before it 60 SOL beside 101,000 tokens.
  near({ ...fair, quoteAmount: '40000000000', priceSol: 0.04 }, 0.0011)
  const { baseReserveAmount: _, ...untold } = fair
  assert.equal(priceOf({ ...untold, priceSol: 35 }), 35, 'nothing is known of its pool')
})

test('no swap of a constant-product pool is bounded, at any size and fee up to 5 %', () => {
  const reserve = fc.bigInt(10n ** 9n, 10n ** 15n)
  fc.assert(
    fc.property(
      reserve,
      reserve,
      fc.double({ min: 0.001, max: 5, noNaN: true }),
      fc.boolean(),
      fc.integer({ min: 0, max: 500 }),
      (base, quote, share, isBuy, fee) => {
        const [from, to] = isBuy ? [quote, base] : [base, quote]
        const paid = BigInt(Math.round(Number(from) * share))
        const { out } = swapExactIn(from, to, paid, fee)
        fc.pre(out > 1000n)
        const after = { from: from + paid, to: to - out }
        const trade: Trade = {
          dex: 'd',
          side: isBuy ? 'buy' : 'sell',
          baseAmount: String(isBuy ? out : paid),
          quoteAmount: String(isBuy ? paid : out),
          baseReserveAmount: String(isBuy ? after.to : after.from),
          quoteReserveAmount: String(isBuy ? after.from : after.to),
        }
        assert.equal(oddness(trade), 1)
      },
    ),
    { numRuns: 300 },
  )
})

test('one odd print is no wick of a candle, and is counted', () => {
  const builder = makeCandleBuilder({ intervalMs: 300_000, maxFill: 2 })
  const bars: Rec[] = []
  for (const [i, priceSol] of [0.001, 35, 0.001].entries())
    builder.push(lineOf({ ...fair, priceSol }, 1000 * (i + 1)), bar => bars.push(bar))
  builder.push({ v: 1, id: 'k', ts: 300_001, kind: 'tick', source: 't' } as Rec, bar =>
    bars.push(bar),
  )
  assert.ok(Math.abs(bars[0]!.candle!.high / 0.0011 - 1) < 1e-12)
  assert.equal(builder.counts.bounded, 1)
})
