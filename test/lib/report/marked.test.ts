import assert from 'node:assert/strict'
import { test } from 'node:test'
import execute from '../../../cmd/execute.ts'
import type { StepCommand } from '../../../lib/cli/command.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { outcomeOf } from '../../../lib/report/judging.ts'
import { type Mark, markedReturns } from '../../../lib/report/marked.ts'
import { makeReport } from '../../../lib/report/trade-report.ts'
import { buyNow, candle, MINT } from '../../kit/market-lines.ts'
import { contextOf, runStep } from '../../kit/step.ts'

const DAY = 86_400_000
const T = 20_000 * DAY

test('returns of an account marked to market, by hand', () => {
  const mark = (ts: number, worth: number): Mark => ({ ts, worth, everyMs: DAY })
  // 1 → 1.1 on the first day, nothing known of the second, 0.99 at the end of the third, 1.0395 at
  // noon of the fourth, where the lines end: 10 %, 0, −10 %, 5 %.
  const marks = [mark(DAY, 1.1), mark(3 * DAY, 0.99), mark(3.5 * DAY, 1.0395)]
  assert.deepEqual(
    [...markedReturns(marks, 0, 3.5 * DAY, DAY)!].map(r => r.toFixed(9)),
    ['0.100000000', '0.000000000', '-0.100000000', '0.050000000'],
  )
  // By two days: 1.1 at the end of the first two, 1.0395 at the end: −5.5 %.
  assert.deepEqual(
    [...markedReturns(marks, 0, 3.5 * DAY, 2 * DAY)!].map(r => r.toFixed(9)),
    ['0.100000000', '-0.055000000'],
  )
  assert.equal(markedReturns(marks, 0, 3.5 * DAY, DAY / 2), undefined, 'too far apart')
})

/** A bar a day: bought on the second, never sold. */
async function held(closes: number[]): Promise<Rec[]> {
  const flags = {
    revertRate: 0,
    expireRate: 0,
    slippageBps: 0,
    poolFeeBps: 0,
    timeStop: 1000 * DAY,
    stopLoss: 1,
    takeProfit: ['none'],
    trailingStop: 1,
    rent: 0n,
    networkFee: 0n,
    priorityFee: 0n,
    cash: 10n ** 10n,
    maxPerTrade: 10n ** 11n,
    maxPerDay: 10n ** 12n,
    maxAge: 10 * DAY,
  }
  const step = await (execute as StepCommand<any>).make(contextOf(execute, flags as never))
  const lines = closes.map((close, i) =>
    candle(
      T + (i + 1) * DAY,
      [close, close, close, close, 1e9],
      i === 0 ? buyNow('5000000000') : {},
      MINT,
      'sol',
    )
      .replace('"intervalMs":300000', `"intervalMs":${DAY}`)
      .replace(/"openAt":\d+/, `"openAt":${T + i * DAY}`),
  )
  return (await runStep(step, lines, 1)).map(raw => JSON.parse(raw))
}

test('an open position moves the marked equity, and no closed trade does', async () => {
  // 5 of 10 SOL at 1, then 0.75, 1.25, 1.25: worth 10, 8.75, 11.25, 11.25.
  const out = await held([1, 1, 0.75, 1.25, 1.25])
  const marks = out.flatMap(({ equity, ts }) => (equity ? [[(ts - T) / DAY, equity]] : [])) as any[]
  assert.deepEqual(
    marks.map(([day, { equityLamports, realisedLamports, cashLamports }]) => [
      day,
      equityLamports,
      realisedLamports,
      cashLamports,
    ]),
    [
      [3, '10000000000', '10000000000', '5000000000'],
      [4, '8750000000', '10000000000', '5000000000'],
      [5, '11250000000', '10000000000', '5000000000'],
    ],
  )
  assert.equal(marks[0][1].fromAt, T + DAY, 'the run began before the first trade')
  const report = makeReport(undefined)
  for (const rec of out) report.update(rec)
  assert.equal(report.start(), 10n ** 10n, 'the start is in the marks')
  assert.equal(report.value().markedDrawdown, 0.125)
  assert.equal(report.value().drawdown, 0)
  assert.deepEqual(report.span(), { from: T + DAY, to: T + 5 * DAY })
  const judging = { period: DAY, resample: 100, ruin: 0.5, seed: 's' }
  assert.equal(outcomeOf(report, judging).equity, 'marked')
})
