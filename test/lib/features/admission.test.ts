import assert from 'node:assert/strict'
import test from 'node:test'
import type { Rec } from '../../../lib/records/record.ts'
import { HOUR, MINUTE, makeStep, market, run, T0, toLine, trade } from './lines.ts'

const countsOf = (recs: readonly Rec[]): Record<string, number> => {
  const { step, counts } = makeStep(['tabular', 'pool', 'opportunity', 'whales'])
  for (const rec of recs) step.line(toLine(rec), () => {})
  return counts
}
const day: Rec[] = Array.from({ length: 200 }, (_, i) => [
  trade(
    T0 + i * MINUTE,
    { price: 1 + (i % 5), usd: 10 + i, tokens: 3, side: i % 3 ? 'buy' : 'sell' },
    'CAT',
    i,
  ),
  market(T0 + i * MINUTE + 1, {
    priceSol: 1 + (i % 5),
    liquidityUsd: 5000 + i,
    quoteAmount: String(1000 + i),
  }),
]).flat()
const marketsOf = (out: string[]): string[] => out.filter(raw => raw.includes('"kind":"market"'))

test('a trade that comes again counts once, and stderr tells how many did', () => {
  const twice = day.flatMap((rec, i) =>
    rec.kind === 'trade' && i > 20 ? [rec, day[i - 20]!] : [rec],
  )
  assert.deepEqual(marketsOf(run(twice)), marketsOf(run(day)))
  assert.equal(countsOf(twice)['duplicate trade'], 189)
})

test('a late trade counts, and is told', () => {
  const late = [...day, trade(T0, { price: 1, usd: 1 }, 'CAT', 999)]
  assert.equal(countsOf(late)['late trade'], 1)
  assert.equal(countsOf(day)['late trade'], undefined)
})

test('impossible numbers change nothing: lines after them are as if they had not come', () => {
  const at = T0 + 30 * MINUTE
  const bad: Rec[] = [
    trade(at, { price: 1e300, usd: 1 }, 'CAT', 1001),
    trade(at, { price: 1, usd: 1e300 }, 'CAT', 1002),
    {
      ...trade(at, {}, 'CAT', 1003),
      trade: { dex: 'd', side: 'buy', baseAmount: '1', quoteAmount: '9'.repeat(21) },
    },
    market(at, { priceSol: 1e300 }),
    market(at, { priceUsd: 1e300 }),
    market(at, { priceSol: 1, liquidityUsd: 1e300 }),
    market(at, { priceSol: 1, baseAmount: '9'.repeat(38) }),
  ].map((rec, i) => ({ ...rec, id: `bad:${i}` }) as Rec)
  const among = day.flatMap((rec, i) => (i === 60 ? [...bad, rec] : [rec]))
  assert.deepEqual(
    run(among).filter(raw => !raw.includes('"bad:')),
    run(day),
  )
  assert.equal(countsOf(among).unusable, bad.length)
})

test('a token whose lines are a day apart begins afresh, and that is told', () => {
  const jump = [
    market(T0, { priceSol: 1 }),
    market(T0 + 25 * HOUR, { priceSol: 1 }),
    market(1000, { priceSol: 1 }),
  ]
  assert.equal(countsOf(jump)['tokens begun afresh after a jump of a day'], 2)
})
