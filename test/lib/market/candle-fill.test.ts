import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  barCosts,
  cashFor,
  fillInBar,
  isTraded,
  priceWithin,
  tokensFor,
} from '../../../lib/market/candle-fill.ts'
import { pricePaid, rational } from '../../../lib/market/ratio.ts'

const bar = (open: number, high: number, low: number, volume: number) => ({
  intervalMs: 300_000,
  openAt: 0,
  open,
  high,
  low,
  close: open,
  volume,
})

const rates = (poolFeeBps: number, slippageBps: number, depth?: number) => ({
  poolFeeBps,
  slippageBps,
  depth,
})

test('costs are cash: pool fee, impact of a pool of that depth, slippage; by hand', () => {
  // Depth 99 SOL, 1 SOL in: impact 1 / (99 + 1) = 1 % = 0.01 SOL; pool 0.25 % = 0.0025; slippage
  // 3 % = 0.03. Together 0.0425, so 0.9575 SOL buy tokens at 0.5: 1.915.
  const buy = fillInBar(
    { side: 'buy', amount: 10n ** 9n, decimals: 6 },
    bar(0.5, 0.6, 0.4, 1000),
    0.5,
    rates(25, 300, 99),
  )
  assert.deepEqual(buy, {
    input: 957_500_000n,
    out: 1_915_000n,
    gross: 2_000_000n,
    cash: 10n ** 9n,
    costs: { pool: 2_500_000n, impact: 10_000_000n, slippage: 30_000_000n, asked: 0.0425 },
  })
  // 2 tokens at 0.5 are 1 SOL; the same costs are paid beside it.
  const sell = fillInBar(
    { side: 'sell', amount: 2_000_000n, decimals: 6 },
    bar(0.5, 0.6, 0.4, 1000),
    0.5,
    rates(25, 300, 99),
  )
  assert.deepEqual([sell.input, sell.out, sell.costs], [2_000_000n, 10n ** 9n, buy.costs])
})

test('where no depth is told, the volume of the bar stands for it', () => {
  // Volume 1000 tokens at 0.5 = 500 SOL; slippage 1 % makes a depth of 50,000 SOL. An order of 500
  // SOL, as much as the bar, pays 500 / 50,500 = 0.990 %: nearly the 1 % × order / volume.
  const even = barCosts(500n * 10n ** 9n, bar(0.5, 0.6, 0.4, 1000), 0.5, rates(0, 100))
  assert.equal(Number(even.impact) / 1e9, 500 * 0.00990099)
  // A hundred bars of volume: 50,000 / 100,000 = half, and never all.
  const huge = barCosts(50_000n * 10n ** 9n, bar(0.5, 0.6, 0.4, 1000), 0.5, rates(0, 100))
  assert.equal(huge.impact, 25_000n * 10n ** 9n)
  // Prices moved, so somebody traded, but nobody tells how much: unknown is not none.
  const silent = barCosts(10n ** 9n, bar(0.5, 0.6, 0.4, 0), 0.5, rates(25, 100))
  assert.deepEqual(silent, {
    pool: 2_500_000n,
    impact: undefined,
    slippage: 10n ** 7n,
    asked: 0.0125,
  })
})

test('a flat bar costs what was asked, and no bar costs more than the cash', () => {
  const flat = barCosts(10n ** 9n, bar(1, 1, 1, 1e9), 1, rates(0, 300))
  assert.equal(flat.slippage, 30_000_000n)
  const all = fillInBar(
    { side: 'sell', amount: 10n ** 9n, decimals: 9 },
    bar(1, 1, 1, 1e9),
    1,
    rates(9000, 9000),
  )
  assert.deepEqual([all.costs.pool, all.out], [900_000_000n, 0n])
  assert.equal(all.costs.asked > 1.8, true, 'what was asked stays what was asked')
})

test('a bar is traded in when it has a volume or a range, and nobody filled it in', () => {
  assert.equal(isTraded(bar(1, 1, 1, 5)), true)
  assert.equal(isTraded(bar(1, 2, 1, 0)), true)
  assert.equal(isTraded(bar(1, 1, 1, 0)), false)
  assert.equal(isTraded({ ...bar(1, 1, 1, 0), filled: true }), false)
  assert.equal(isTraded({ ...bar(1, 2, 1, 5), filled: true }), false)
})

test('amounts are exact: a float price is the binary fraction that it is', () => {
  assert.deepEqual(rational(0.375), [3n, 8n])
  assert.equal(tokensFor(1_000_000_000n, 0.25, 6), 4_000_000n)
  assert.equal(cashFor(4_000_000n, 0.25, 6), 1_000_000_000n)
  // 0.1 is a little more than a tenth, so one unit of cash buys a little less than ten tokens
  assert.equal(tokensFor(1_000_000_000n, 0.1, 9), 9_999_999_999n)
  assert.equal(cashFor(1n, Number.POSITIVE_INFINITY, 0), 0n)
})

test('buying and selling back at one price never gains', () => {
  const price = fc.double({ min: 1e-12, max: 1e9, noNaN: true })
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 16n }), price, fc.nat(18), (cash, p, decimals) => {
      assert.ok(cashFor(tokensFor(cash, p, decimals), p, decimals) <= cash)
    }),
  )
})

test('a fill is never outside its bar', () => {
  const positive = fc.double({ min: 1e-9, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(
      fc
        .tuple(positive, positive, positive)
        .map(p => [...p].sort((a, b) => a - b) as [number, number, number]),
      fc.double({ min: 0, max: 1e12, noNaN: true }),
      fc.bigInt({ min: 10n ** 9n, max: 10n ** 13n }),
      fc.constantFrom('buy' as const, 'sell' as const),
      fc.nat(2000),
      ([low, open, high], volume, amount, side, bps) => {
        const within = bar(open, high, low, volume)
        const price = priceWithin(within, open)
        assert.ok(price >= low && price <= high)
        const { input, out, gross, cash, costs } = fillInBar(
          { side, amount, decimals: 9 },
          within,
          price,
          rates(25, bps),
        )
        const beside = costs.pool + (costs.impact ?? 0n) + costs.slippage
        assert.ok(beside >= 0n && beside <= cash, 'costs are never a gift')
        if (side === 'buy') assert.equal(input + beside, cash)
        else assert.equal(out, beside < cash ? cash : 0n)
        const bought = side === 'buy' ? out : input
        const paid = side === 'buy' ? input : gross
        if (bought < 10n ** 9n || paid < 10n ** 9n) return
        assert.ok(Math.abs(pricePaid(paid, bought, 9, 9)! / price - 1) < 1e-8)
      },
    ),
  )
})
