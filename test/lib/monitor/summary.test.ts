import assert from 'node:assert/strict'
import test from 'node:test'
import { makeColumn, quantile } from '../../../lib/monitor/column.ts'
import { makeSummary } from '../../../lib/monitor/summary.ts'
import { explain, fits } from '../../../lib/records/check.ts'
import type { Quality } from '../../../lib/records/quality.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { market, T0, toLine } from '../features/lines.ts'

function reduce(recs: readonly Rec[]): Map<string, Quality> {
  const step = makeSummary({ maxMissing: 0.1, maxImbalance: 10, count: () => {} })
  const out = new Map<string, Quality>()
  for (const rec of recs)
    step.line?.(toLine(rec), () => assert.fail('a reducer says nothing before the end'))
  void step.end?.(line => {
    assert.ok(fits('envelope', line.rec), line.raw)
    if (!fits('quality', line.rec.quality)) explain('quality', line.rec.quality)
    out.set(line.rec.quality!.column!, line.rec.quality!)
  })
  return out
}
const withPool = (i: number, values: Record<string, number>, ready = true): Rec => ({
  ...market(T0 + i, {}),
  features: { pool: { hash: 'x', ready, values } },
})

test('quantiles as NumPy has them by default', () => {
  // numpy.quantile([1, 2, 4, 8], [0, .05, .5, .95, 1])
  const got = [0, 0.05, 0.5, 0.95, 1].map(q => quantile([1, 2, 4, 8], q))
  const wanted = [1, 1.15, 3, 7.4, 8]
  for (const [i, x] of got.entries()) assert.ok(Math.abs(x - wanted[i]!) < 1e-12, `${x}`)
})

test('a column by hand: nineteen values around 0 and one far away, one of 21 unknown', () => {
  const column = makeColumn('x')
  for (let i = -9; i <= 9; i++) column.put(i)
  column.put(1000)
  column.put(undefined)
  const got = column.summary()
  assert.deepEqual([got.lines, got.min, got.max, got.median, got.mean], [21, -9, 1000, 0.5, 50])
  assert.ok(Math.abs(got.missing - 1 / 21) < 1e-15)
  // Population: (Σ i² + 1000²)/20 − 50² = (570 + 1,000,000)/20 − 2,500.
  assert.ok(Math.abs(got.sigma! - Math.sqrt(1_000_570 / 20 - 2500)) < 1e-9)
  assert.deepEqual([got.outliers, got.robustOutliers], [0.05, 0.05])
})

test('a large column: the sample tells the shape of all of it, the same each time', () => {
  const run = () => {
    const column = makeColumn('y')
    for (let i = 0; i < 50_000; i++) column.put((i * 7919) % 50_000)
    return column.summary()
  }
  const got = run()
  // Uniform over 0…49,999: quantiles within five standard errors of a sample of 4,096.
  assert.ok(Math.abs(got.median! - 25_000) < 5 * 50_000 * Math.sqrt(0.25 / 4096))
  assert.ok(Math.abs(got.p95! - 47_500) < 5 * 50_000 * Math.sqrt(0.0475 / 4096))
  assert.deepEqual(run(), got)
})

test('missing above a tenth and constant columns are marked, by the formula of the score', () => {
  const recs = Array.from({ length: 20 }, (_, i) =>
    withPool(i, { priceChange1: i, kConstant: 7, ...(i < 15 ? { volumeMa5: i } : {}) }),
  )
  const columns = reduce([...recs, withPool(99, { priceChange1: 1e9 }, false)])
  assert.deepEqual(columns.get('pool.priceChange1')?.marks, [])
  assert.equal(columns.get('pool.priceChange1')?.score, 100)
  assert.deepEqual(
    [columns.get('pool.kConstant')?.score, columns.get('pool.kConstant')?.marks],
    [70, ['constant']],
  )
  assert.deepEqual(
    [columns.get('pool.volumeMa5')?.score, columns.get('pool.volumeMa5')?.marks],
    [87.5, ['missing']],
  )
  assert.deepEqual(
    [columns.get('pool.reserveRatio')?.score, columns.get('pool.reserveRatio')?.missing],
    [50, 1],
  )
  const scores = [...columns]
    .filter(([name]) => name.startsWith('pool.'))
    .map(([, quality]) => quality.score)
  assert.equal(scores.length, 14)
  const all = columns.get('all')
  assert.deepEqual([all?.lines, all?.marks], [21, ['constant', 'missing']])
  assert.ok(Math.abs(all!.score! - scores.reduce((a, b) => a + b) / 14) < 1e-12)
})

test('classes above 10:1 are marked; censored labels do not count', () => {
  const label = (i: number, profitable: boolean, censored = false): Rec => ({
    ...market(T0 + i, {}),
    label: { horizon: 'h1', profitable, censored, availableAt: T0 },
  })
  const ten = [label(0, true), ...Array.from({ length: 10 }, (_, i) => label(1 + i, false))]
  assert.deepEqual(reduce(ten).get('label.h1.profitable')?.marks, [])
  const eleven = [...ten, label(20, false), label(21, true, true)]
  const columns = reduce(eleven)
  assert.deepEqual(
    [columns.get('label.h1.profitable')?.imbalance, columns.get('label.h1.profitable')?.marks],
    [11, ['imbalance']],
  )
  assert.equal(columns.get('all')?.score, 90)
})

test('a 24-hour volume that is the liquidity column is found', () => {
  const recs = Array.from({ length: 10 }, (_, i) => ({
    ...market(T0 + i, {}),
    features: {
      sequence: { hash: 'x', ready: true, context: { liquidity: 5 + i, volume24h: 5 + i } },
    },
  }))
  assert.deepEqual(reduce(recs).get('sequence.volume24h')?.marks, ['volume-is-reserve'])
})

test('sets it does not know, and names of prototypes, make no columns', () => {
  const strange = {
    ...market(T0, {}),
    features: JSON.parse(
      '{"__proto__":{"hash":"x","ready":true},"mine":{"hash":"x","ready":true,"values":{"a":1}}}',
    ),
  }
  assert.deepEqual([...reduce([strange]).keys()], ['all'])
})

test('a column that no longer changes is stale; rest at 0, a flag, a short file are not', () => {
  const at = (i: number, n: number): Rec =>
    withPool(i, {
      kConstant: i < n / 2 ? i : 5,
      volumeMa5: i,
      priceChange1: i < n / 2 ? i : 0,
      massiveDump: i < n / 2 ? 0 : 1,
      ...(i < n / 2 ? { reserveRatio: i } : {}),
    })
  const columns = reduce(Array.from({ length: 200 }, (_, i) => at(i, 200)))
  const stale = (all: Map<string, Quality>) =>
    [...all]
      .filter(([name, { marks }]) => name !== 'all' && marks.includes('stale'))
      .map(([name]) => name)
  assert.deepEqual(stale(columns), ['pool.kConstant', 'pool.reserveRatio'])
  // 199 lines after the change to 5 at line 100: 99 of 200 without a new value; 30 points.
  assert.deepEqual(
    [columns.get('pool.kConstant')?.stuck, columns.get('pool.kConstant')?.score],
    [0.495, 70],
  )
  assert.deepEqual(stale(reduce(Array.from({ length: 50 }, (_, i) => at(i, 50)))), [])
})
