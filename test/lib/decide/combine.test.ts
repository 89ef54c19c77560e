import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { combine, parseWeights } from '../../../lib/decide/combine.ts'
import { sizeFor } from '../../../lib/decide/sizing.ts'

const usual = parseWeights(['model=0.6', 'strategy=0.4'])

test('weighted mean of model and strategy', () => {
  // 0.6 × 0.7421 + 0.4 × 0.71 = 0.44526 + 0.284 = 0.72926
  const made = combine(
    new Map([
      ['model', 0.7421],
      ['strategy', 0.71],
    ]),
    usual,
    false,
  )
  assert.deepEqual(made, {
    confidence: 0.72926,
    scores: { model: 0.7421, strategy: 0.71 },
    weights: { model: 0.6, strategy: 0.4 },
  })
})

test('without a model its weight moves to the strategies, unless a model is required', () => {
  const alone = new Map([['strategy', 0.71]])
  assert.deepEqual(combine(alone, usual, false), {
    confidence: 0.71,
    scores: { strategy: 0.71 },
    weights: { strategy: 1 },
  })
  assert.deepEqual(combine(alone, usual, true).weights, { strategy: 0.4 })
  // dl missing, llm and strategy present: strategy carries 0.4 + 0 (no model weight), mean (0.4·0.5
  // + 0.4·0.9)/0.8 = 0.7
  const named = parseWeights(['dl=0.2', 'strategy=0.4', 'llm=0.4'])
  const scores = new Map([
    ['strategy', 0.5],
    ['llm', 0.9],
  ])
  assert.equal(combine(scores, named, false).confidence, 0.7)
})

test('no score with a weight gives no confidence, names of object methods included', () => {
  assert.equal(combine(new Map([['constructor', 0.9]]), usual, false).confidence, undefined)
})

test('malformed weights are refused by name', () => {
  for (const word of ['dl', 'dl=', 'dl=-1', '=0.2', 'dl=nan', 'dl=1e9', '__proto__=1'])
    assert.throws(() => parseWeights([word]), /expected name=weight/)
  assert.throws(() => parseWeights(['a=0']), /above 0/)
  assert.throws(() => parseWeights(['a=1', 'a=2']), /twice/)
})

test('size is base × (0.5 + 0.5 × confidence)', () => {
  // 0.1 SOL × (0.5 + 0.36463) = 0.086463 SOL
  assert.equal(sizeFor({ size: 100_000_000n, maxSize: 500_000_000n }, 0.72926), 86_463_000n)
  assert.equal(sizeFor({ size: 100n, maxSize: 500n }, 0), 50n)
  assert.equal(sizeFor({ size: 100n, maxSize: 500n }, 1, 1.25), 125n)
})

test('a size never passes its bounds, whatever the confidence and factor', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 20n }),
      fc.bigInt({ min: 0n, max: 10n ** 20n }),
      fc.double({ min: -1, max: 2, noNaN: true }),
      fc.double({ min: -1, max: 1e12, noNaN: true }),
      (base, maxSize, confidence, factor) => {
        const size = sizeFor({ size: base, maxSize }, confidence, factor)
        assert.ok(size >= 0n && size <= maxSize)
        if (factor === 1) assert.ok(size >= base / 2n - 1n || size === maxSize)
      },
    ),
    { numRuns: 300 },
  )
})
