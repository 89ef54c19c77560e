import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DataError } from '../../../lib/base/errors.ts'
import { makeRng } from '../../../lib/base/rng.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { baselinesOf } from '../../../lib/report/baselines.ts'
import { makeOutcomes, type Outcome } from '../../../lib/report/labelled.ts'
import { benefitsOf, meanNet } from '../../../lib/report/refusals.ts'
import { surest, thresholdCurve, validationSlice } from '../../../lib/report/tune/thresholds.ts'

const HOUR = 3_600_000
const outcome = (i: number, net: number, decision: object, mint = `M${i}`): Outcome =>
  ({
    mint,
    ts: i * 1000,
    availableAt: i * 1000 + HOUR,
    net,
    decision: { act: 'drop', reasons: [], ...decision },
  }) as Outcome

test(
  'outcomes: one horizon, less costs, each line once; what has no return is counted, not taken ' +
    'for 0',
  () => {
    const outcomes = makeOutcomes({ horizon: 'h1', costBps: 100 })
    const line = (
      id: string,
      label: object,
      decision: object | undefined = { act: 'buy', reasons: [] },
    ): Rec =>
      ({
        id,
        ts: 5,
        mint: 'M',
        decision,
        label: { horizon: 'h1', availableAt: 9, ...label },
      }) as unknown as Rec
    outcomes.take(line('a', { return: 0.05 }))
    outcomes.take(line('a', { return: 0.05 }))
    outcomes.take(line('b', { return: 0.07, horizon: 'h6' }))
    outcomes.take(line('c', { censored: true }))
    outcomes.take(line('d', { return: 0.01 }))
    outcomes.take({ ...line('e', { return: 1 }), decision: undefined } as never)
    assert.deepEqual(
      outcomes.rows().map(({ net }) => net.toFixed(9)),
      ['0.040000000', '0.000000000'],
    )
    assert.deepEqual(outcomes.unused(), { decision: 1, return: 1 })
  },
)

test('rules: what a refusal saved and lost, and what the rule alone changes, by hand', () => {
  const rows = [
    outcome(1, -0.2, { reasons: ['liquidity'] }),
    outcome(2, 0.1, { reasons: ['liquidity', 'age'] }),
    outcome(3, -0.4, { reasons: ['age', 'liquidity'] }),
    outcome(4, 0.5, { act: 'buy' }),
    outcome(5, -0.9, { act: 'hold' }),
  ]
  const [liquidity, age] = benefitsOf(rows, 's')
  assert.deepEqual(
    [liquidity?.rule, liquidity?.refused, liquidity?.alone, liquidity?.saved, liquidity?.lost],
    ['liquidity', 3, 1, 0.6, 0.1],
  )
  assert.equal(liquidity?.net.mean?.toFixed(9), (-0.5 / 3).toFixed(9))
  assert.equal(liquidity?.netAlone.mean, -0.2)
  assert.deepEqual([age?.refused, age?.alone, age?.netAlone], [2, 0, { rows: 0 }])
  assert.equal(liquidity?.netAlone.interval, undefined, 'one token has no spread')
})

test(
  'baselines: no model passes what only model rules refused; random entries spread around the ' +
    'mean of all',
  () => {
    const rng = makeRng('baselines')
    const rows = Array.from({ length: 400 }, (_, i) => {
      const isGood = i % 4 === 0
      const decision = isGood ? { act: 'buy' } : { reasons: [i % 4 === 1 ? 'combined' : 'age'] }
      return outcome(i, (isGood ? 0.05 : -0.02) + rng.normal() * 0.01, decision)
    })
    const { bought, noModel, random } = baselinesOf(rows, 's')
    assert.equal(bought.rows, 100)
    assert.equal(noModel.rows, 200)
    const all = rows.reduce((sum, { net }) => sum + net, 0) / 400
    assert.ok(random && Math.abs(random.middle - all) < 0.002, `${random?.middle} against ${all}`)
    // Sampling without replacement: sd of the mean = s/√n · √((N − n)/(N − 1)) (Cochran 1977, eq.
    // 2.18)
    const s = Math.sqrt(rows.reduce((sum, { net }) => sum + (net - all) ** 2, 0) / 399)
    const sd = (s / 10) * Math.sqrt(300 / 399)
    assert.ok(Math.abs(random.high - random.low - 2 * 1.96 * sd) < 0.4 * sd)
    assert.equal(random.beaten, 1)
    assert.equal(
      random.counts.reduce((a, b) => a + b, 0),
      random.draws,
    )
    assert.deepEqual(baselinesOf(rows, 's'), { bought, noModel, random })
  },
)

test('the validation slice lies before the test, and no outcome reaches into it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ ts: fc.nat(1000), wait: fc.nat(200) }), {
        minLength: 10,
        maxLength: 200,
      }),
      fc.constantFrom([0.3, 0.2], [0.5, 0.5], [0.01, 0.9]),
      (times, [valid = 0, share = 0]) => {
        const rows = times
          .sort((a, b) => a.ts - b.ts)
          .map(({ ts, wait }, i) => ({ ...outcome(i, 0, {}), ts, availableAt: ts + wait }))
        const slice = validationSlice(rows, { valid, test: share })
        const test = rows.slice(rows.length - slice.later)
        const start = test[0]?.ts ?? Number.POSITIVE_INFINITY
        assert.ok(slice.rows.every(row => row.availableAt <= start && row.ts < start))
        assert.ok(test.length >= rows.length * share - 1)
        assert.ok(!slice.rows.some(row => rows.indexOf(row) < slice.earlier))
      },
    ),
  )
})

test('threshold curve: precision, recall and profit, with the counts by hand', () => {
  // 200 candidates with scores 0, 0.005 … 0.995: a profit of 0.1 from 0.5 on, a loss of 0.1 below.
  const rows = Array.from({ length: 200 }, (_, i) => {
    const confidence = i / 200
    return outcome(
      i,
      confidence >= 0.5 ? 0.1 : -0.1,
      confidence >= 0.65 ? { act: 'buy', confidence } : { reasons: ['combined'], confidence },
    )
  })
  const unrelated = outcome(999, 5, { confidence: 0.9, reasons: ['age'] })
  const curve = thresholdCurve('combined', [...rows, unrelated], [0, 0.25, 0.5, 0.75, 1], 's')
  assert.deepEqual(
    curve.map(({ passed, precision, recall, profit }) => [
      passed,
      precision?.value,
      recall?.value,
      profit.mean && Math.round(profit.mean * 1e9) / 1e9,
    ]),
    [
      [200, 0.5, 1, 0],
      [150, 0.666666666667, 1, 0.033333333],
      [100, 1, 1, 0.1],
      [50, 1, 0.5, 0.1],
      [0, undefined, 0, undefined],
    ],
  )
  assert.equal(surest(curve)?.threshold, 0.5)
})

test('too few candidates are refused with their counts', () => {
  const rows = Array.from({ length: 99 }, (_, i) => outcome(i, 0.1, { confidence: 0.5 }))
  assert.throws(
    () => thresholdCurve('combined', rows, [0, 1], 's'),
    (error: Error) => error instanceof DataError && /got 99 with 99/.test(error.message),
  )
  const losers = Array.from({ length: 500 }, (_, i) => outcome(i, -0.1, { confidence: 0.5 }))
  assert.throws(() => thresholdCurve('combined', losers, [0, 1], 's'), /got 500 with 0/)
})

test('mean return: rows of one token count as one draw', () => {
  const same = Array.from({ length: 50 }, (_, i) =>
    outcome(i, i < 25 ? 0.1 : -0.1, {}, i < 25 ? 'A' : 'B'),
  )
  const { interval } = meanNet(same, 's')
  // Two tokens: a quarter of the draws is A twice, a quarter B twice, so 95 % reaches both ends.
  assert.deepEqual(
    interval?.map(x => x.toFixed(6)),
    ['-0.100000', '0.100000'],
  )
})
