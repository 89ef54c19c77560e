import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type PairedFigure, pairedInterval } from '../../../lib/maths/paired.ts'

const meanOf = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length
const difference: PairedFigure = (a, b) => meanOf(a) - meanOf(b)

test('what both rows lived through cancels out: a constant difference has no width', () => {
  const value = fc.double({ min: -1, max: 1, noNaN: true })
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 2, maxLength: 60 }),
      value,
      fc.integer({ min: 1, max: 8 }),
      (values, more, block) => {
        const other = Float64Array.from(values)
        const one = other.map(x => x + more)
        const found = pairedInterval(one, other, difference, { runs: 50, block, seed: 'c' })
        for (const end of found!) assert.ok(Math.abs(end - more) < 1e-9, `${end} for ${more}`)
      },
    ),
    { numRuns: 30 },
  )
})

test('drawn one by one, the interval of a mean is that of the central limit theorem', () => {
  // 400 differences of ±0.02 around 0.001: deviation of the mean 0.02/√400 = 0.001, so 95 % lie
  // within 1.96 × 0.001 of 0.001.
  const other = Float64Array.from({ length: 400 }, (_, i) => Math.sin(i))
  const one = other.map((x, i) => x + 0.001 + (i % 2 === 0 ? 0.02 : -0.02))
  const [low, high] = pairedInterval(one, other, difference, { runs: 4000, block: 1, seed: 'n' })!
  assert.ok(Math.abs(low - (0.001 - 0.00196)) < 2e-4, `${low}`)
  assert.ok(Math.abs(high - (0.001 + 0.00196)) < 2e-4, `${high}`)
})

test('a figure that most draws lack has no interval; rows of two lengths are a mistake', () => {
  const rows = [new Float64Array(9), new Float64Array(9)] as const
  const how = { runs: 20, block: 2, seed: 's' }
  assert.equal(
    pairedInterval(...rows, () => undefined, how),
    undefined,
  )
  assert.throws(() => pairedInterval(rows[0], new Float64Array(8), difference, how), /length/)
})
