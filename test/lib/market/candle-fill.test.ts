import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { barPrice, cashFor, fillInBar, tokensFor } from '../../../lib/market/candle-fill.ts'
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

test('linear slippage: open × (1 ± bps × (1 + order / volume)), inside the bar', () => {
  // 100 × (1 + 0.003 × (1 + 50/100)) = 100.45, and 99.55 for a sell
  assert.equal(barPrice('buy', bar(100, 110, 90, 100), 50, 30).toFixed(9), '100.450000000')
  assert.equal(barPrice('sell', bar(100, 110, 90, 100), 50, 30).toFixed(9), '99.550000000')
  assert.equal(barPrice('buy', bar(100, 100.2, 90, 100), 50, 30), 100.2)
  assert.equal(barPrice('sell', bar(100, 110, 99.9, 100), 50, 30), 99.9)
  assert.equal(barPrice('buy', bar(100, 110, 90, 0), 50, 30), 110, 'no volume: the worst price')
  assert.equal(barPrice('buy', bar(0, 110, 90, 1), 50, 30), 0)
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
        const { out, price } = fillInBar(side, bar(open, high, low, volume), amount, 9, bps)
        assert.ok(price >= low && price <= high)
        assert.ok(side === 'buy' ? price >= open : price <= open, 'slippage is never a gift')
        if (out < 10n ** 9n) return
        const paid = side === 'buy' ? pricePaid(amount, out, 9, 9) : pricePaid(out, amount, 9, 9)
        assert.ok(Math.abs(paid! / price - 1) < 1e-8)
      },
    ),
  )
})
