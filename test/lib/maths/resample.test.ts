import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { blockFor, luckOf, pathOf, resampled, spreadOf } from '../../../lib/maths/resample.ts'

const HOW = { runs: 2000, seed: 's', ruin: 0.5 }

test('a path by hand: where it ends, its largest fall from a peak, its lowest point', () => {
  // 1 → 1.1 → 0.9 → 0.95: fall 0.2 from 1.1
  const { final, drawdown, least } = pathOf(Float64Array.from([0.1, -0.2, 0.05]))
  assert.deepEqual(
    [final.toFixed(9), drawdown.toFixed(9), least.toFixed(9)],
    ['0.950000000', (0.2 / 1.1).toFixed(9), '0.900000000'],
  )
})

test('blocks are consecutive values, and go round the end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }), (n, block) => {
      const values = Float64Array.from({ length: n }, (_, i) => i)
      for (const drawn of resampled(values, { runs: 5, block, seed: 'x' })) {
        assert.equal(drawn.length, n)
        for (let i = 1; i < n; i++)
          if (i % block !== 0) assert.equal(drawn[i], (drawn[i - 1]! + 1) % n)
      }
    }),
  )
})

test('one block as long as the trades changes only their order: the end is known', () => {
  const gains = Float64Array.from([0.3, -0.1, -0.1, 0.2, -0.2])
  const luck = luckOf(gains, { ...HOW, block: 5 })
  assert.ok(luck)
  for (const end of Object.values(luck.final)) assert.ok(Math.abs(end - 1.1) < 1e-12)
  assert.ok(luck.drawdown.low < luck.drawdown.high)
})

test('drawn one by one, the end spreads as sums of independent draws do', () => {
  // 400 gains of ±0.01: the sum has standard deviation 0.01·√400 = 0.2, so 95 % lie within
  // ±1.96·0.2 of 1 (central limit theorem)
  const gains = Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 0.01 : -0.01))
  const luck = luckOf(gains, { ...HOW, runs: 4000, block: 1 })
  assert.ok(luck)
  assert.ok(
    Math.abs(luck.final.high - luck.final.low - 2 * 1.96 * 0.2) < 0.06,
    JSON.stringify(luck.final),
  )
  // In blocks of two each draw is +0.01 −0.01 or −0.01 +0.01, so almost nothing is left of the
  // spread.
  const paired = luckOf(gains, { ...HOW, block: 2 })
  assert.ok(paired && paired.final.high - paired.final.low < 1e-9)
})

test('ruin: never without a loss, always with one of everything', () => {
  assert.equal(luckOf(Float64Array.from([0.1, 0.2]), { ...HOW, block: 1 })?.ruin, 0)
  assert.equal(luckOf(Float64Array.from([-0.6]), { ...HOW, block: 1 })?.ruin, 1)
  // Two draws of {−0.3, +0.1}: only the pair of losses falls to 0.4, a chance of 1/4.
  const ruin = luckOf(Float64Array.from([-0.3, 0.1]), { ...HOW, runs: 20_000, block: 1 })!.ruin
  assert.ok(Math.abs(ruin - 0.25) < 0.02, String(ruin))
})

test('same seed, same figures; nothing to draw, nothing said', () => {
  const gains = Float64Array.from({ length: 50 }, (_, i) => Math.sin(i) / 10)
  assert.deepEqual(luckOf(gains, { ...HOW, block: 2 }), luckOf(gains, { ...HOW, block: 2 }))
  assert.notDeepEqual(
    luckOf(gains, { ...HOW, block: 1, seed: 'a' }),
    luckOf(gains, { ...HOW, block: 1, seed: 'b' }),
  )
  assert.equal(luckOf(new Float64Array(), { ...HOW, block: 1 }), undefined)
  assert.equal(spreadOf([]), undefined)
  assert.deepEqual([1, 7, 1000].map(blockFor), [1, 2, 10])
})
