import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applied, combinationsOf, parseAxis, sharedStages } from '../../../lib/backtest/grid.ts'

const STAGES = [
  ['discover', '--source', 'sim'],
  ['strategy', '--use', 'dca'],
  ['gate'],
  ['execute'],
]

test('values, ranges whose ends count, units', () => {
  assert.deepEqual(parseAxis('gate --min-confidence 0.5..0.9:0.1'), {
    stage: 'gate',
    flag: 'min-confidence',
    values: ['0.5', '0.6', '0.7', '0.8', '0.9'],
  })
  assert.deepEqual(parseAxis('  execute   --stop-loss 0.05..0.2:0.07 0.5').values, [
    '0.05',
    '0.12',
    '0.19',
    '0.5',
  ])
  assert.deepEqual(parseAxis('gate --cooldown 5m..15m:5m 1h').values, ['5m', '10m', '15m', '1h'])
  assert.deepEqual(parseAxis('train-export --x a b').stage, 'train-export')
})

test('what cannot be meant is refused by name', () => {
  const wrong: [string, RegExp][] = [
    ['gate', /expected STAGE --FLAG VALUES/],
    ['gate --min-confidence', /expected STAGE/],
    ['gate min-confidence 1', /expected STAGE/],
    ['gate --x 0.9..0.5:0.1', /from ≤ to/],
    ['gate --x 1m..5h:1m', /one unit/],
    ['gate --x 0..1:0', /from\.\.to:step/],
    ['gate --x 0..1:0.0000001', /10000001 values, more than 10000/],
    ['gate --x 1 1', /a value twice/],
  ]
  for (const [text, reason] of wrong) assert.throws(() => parseAxis(text), reason, text)
  const [a, b] = [parseAxis('gate --x 0..200:1'), parseAxis('execute --y 0..200:1')]
  assert.throws(() => combinationsOf([a, b]), /40401 combinations/)
  assert.throws(() => combinationsOf([a, a]), /gate --x is given twice/)
  assert.throws(
    () => applied(STAGES, combinationsOf([parseAxis('features --x 1')])[0] as never),
    /features stands 0 times/,
  )
})

test('the last axis turns fastest; flags go right behind their stage, the rest stays', () => {
  const axes = [parseAxis('execute --stop-loss 0.1 0.2'), parseAxis('gate --cooldown 1m 2m')]
  const all = combinationsOf(axes).map(one => applied(STAGES, one))
  assert.deepEqual(
    all.map(stages => [stages[2], stages[3]].map(words => words?.join(' ')).join(' | ')),
    [
      'gate --cooldown=1m | execute --stop-loss=0.1',
      'gate --cooldown=2m | execute --stop-loss=0.1',
      'gate --cooldown=1m | execute --stop-loss=0.2',
      'gate --cooldown=2m | execute --stop-loss=0.2',
    ],
  )
  assert.deepEqual(STAGES[2], ['gate'])
  assert.equal(sharedStages(STAGES, axes), 2)
})
