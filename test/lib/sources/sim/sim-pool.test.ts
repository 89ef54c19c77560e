import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  buy,
  isSoldOut,
  makeCurve,
  makePool,
  migrate,
  type Pool,
  priceOf,
  SUPPLY,
  sell,
  withdraw,
} from '../../../../lib/sources/sim/token/sim-pool.ts'

test('a curve: first price, sell-out, migration', () => {
  const curve = makeCurve('curve', 0)
  // pump.fun's published virtual reserves: 30 SOL over 1,073,000,000 tokens.
  assert.ok(Math.abs(priceOf(curve) - 30 / 1_073_000_000) < 1e-20)
  const { paid, got } = buy(curve, 1_000_000_000_000n)
  assert.ok(isSoldOut(curve))
  // 793.1 million tokens for sale; 30 × 1073 / 279.9 − 30 = 85.005 SOL net of the 1 % fee.
  assert.ok(got > 793_099_999_000_000n && got <= 793_100_000_000_000n)
  assert.ok(Math.abs(Number(paid) / 1e9 - 85.005 / 0.99) < 0.01)
  const pool = migrate(curve, 'pool', 1)
  assert.equal(curve.isOpen, false)
  // The new pool continues at the price of the curve: 84.99 / 206.9 million beside 115.005 / 279.9
  // million.
  assert.ok(Math.abs(priceOf(pool) / priceOf(curve) - 1) < 1e-3)
})

test('withdrawing liquidity leaves the price', () => {
  const pool = makePool('pool', 'raydium-cpmm', 0, 400_000_000_000_000n, 35_000_000_000n)
  const before = priceOf(pool)
  assert.equal(withdraw(pool, 0.95), 380_000_000_000_000n)
  assert.equal(pool.quote, 1_750_000_000n)
  assert.ok(Math.abs(priceOf(pool) / before - 1) < 1e-9)
})

test('any sequence of swaps: x·y never falls, no token and no lamport appears or is lost', () => {
  const orders = fc.array(fc.tuple(fc.boolean(), fc.bigInt(0n, 60_000_000_000n)), { maxLength: 40 })
  const run = (pool: Pool, list: [boolean, bigint][]): void => {
    const tokens = pool.base
    let [held, spent] = [0n, 0n]
    const lamports = pool.quote
    for (const [isBuy, size] of list) {
      const k = pool.base * pool.quote
      if (isBuy) {
        const { paid, got } = buy(pool, size)
        assert.ok(paid <= size)
        held += got
        spent += paid
      } else {
        const sold = (held * size) / 60_000_000_000n
        const got = sell(pool, sold)
        if (got > 0n) held -= sold
        spent -= got
      }
      assert.ok(pool.base * pool.quote >= k)
      assert.ok(pool.base >= pool.unsold)
      assert.equal(pool.base + pool.owedBase + held, tokens)
      assert.equal(pool.quote + pool.owedQuote, lamports + spent)
    }
  }
  fc.assert(
    fc.property(orders, list => {
      run(makeCurve('curve', 0), list)
      run(makePool('pool', 'pumpswap', 0, SUPPLY / 5n, 85_000_000_000n), list)
    }),
    { numRuns: 200 },
  )
})
