import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { scaled } from '../../../../lib/sources/snapshots/exact-decimal.ts'

test('numbers are scaled digit by digit (by hand)', () => {
  const table: [string, number, bigint | undefined, boolean?][] = [
    ['1.5', 6, 1_500_000n],
    ['0.1', 9, 100_000_000n],
    ['9007199254740993', 0, 9_007_199_254_740_993n],
    ['7.931e+14', 0, 793_100_000_000_000n],
    ['1e-7', 6, 0n, false],
    ['1.0000009', 6, 1_000_000n, false],
    ['.5', 1, 5n],
    ['5.', 0, 5n],
    ['-2', 0, -2n],
    ['', 0, undefined],
    ['.', 0, undefined],
    ['1,5', 0, undefined],
    ['0x10', 0, undefined],
    ['Infinity', 0, undefined],
    ['1e999', 0, undefined],
  ]
  for (const [text, decimals, amount, isExact = true] of table)
    assert.deepEqual(scaled(text, decimals), amount === undefined ? undefined : { amount, isExact })
})

test('what is written with so many decimals is read again, whatever its size', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 38n - 1n), fc.integer({ min: 0, max: 18 }), (n, decimals) => {
      const digits = n.toString().padStart(decimals + 1, '0')
      const at = digits.length - decimals
      const text = `${digits.slice(0, at)}.${digits.slice(at)}`
      assert.deepEqual(scaled(text, decimals), { amount: n, isExact: true })
    }),
  )
})
