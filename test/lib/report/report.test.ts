import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rec } from '../../../lib/records/record.ts'
import { inUnits, reportLines, reportText } from '../../../lib/report/report-text.ts'
import { makeReport } from '../../../lib/report/trade-report.ts'

const rec = (id: string, part: object): Rec =>
  ({ v: 1, id, ts: 1, kind: 'order', mint: 'M', source: 'execute', ...part }) as Rec
const closed = (n: number, pnlLamports: string, exit: string, confidence: number): Rec =>
  rec(`p${n}#1`, {
    kind: 'position',
    position: {
      id: `p${n}`,
      status: 'closed',
      exit,
      openedAt: 0,
      closedAt: n * 60_000,
      pnlLamports,
      entry: { decision: 'd', confidence },
    },
  })

const report = makeReport(1000n)
const lines = [
  // equity 1000 → 1100 → 1050 → 850 → 840 (wasted fee) → 1140: the largest fall is 1100 − 840 =
  // 260, 23.6 % of 1100
  closed(1, '100', 'take-profit', 0.72),
  closed(2, '-50', 'stop-loss', 0.71),
  closed(3, '-200', 'stop-loss', 0.66),
  rec('b#2', {
    order: {
      intent: 'b',
      attempt: 1,
      side: 'buy',
      state: 'reverted',
      reasons: ['slippage'],
      feeLamports: '10',
    },
  }),
  closed(4, '300', 'time-stop', 0.81),
  rec('c#refused', {
    order: { intent: 'c', side: 'buy', state: 'refused', reasons: ['cash', 'streak'] },
  }),
  rec('d#refused', { order: { intent: 'd', side: 'buy', state: 'refused', reasons: ['cash'] } }),
  rec('e#1', { order: { intent: 'e', attempt: 1, side: 'buy', state: 'planned', reasons: [] } }),
  rec('e#fill1', {
    kind: 'fill',
    fill: {
      intent: 'e',
      side: 'buy',
      inAmount: '400',
      gapBps: 100,
      outAmount: '9',
      poolFeeAmount: '1',
      feeLamports: '5',
      priorityFeeLamports: '7',
    },
  }),
  rec('e#2', { order: { intent: 'e', attempt: 1, side: 'buy', state: 'landed', reasons: [] } }),
  // gap 1 % of 400 paid = 4
  // pool fee of 25 tokens at 200 / 1000 lamports a token = 5
  rec('s#fill1', {
    kind: 'fill',
    fill: {
      intent: 's',
      side: 'sell',
      inAmount: '1000',
      outAmount: '200',
      poolFeeAmount: '25',
      feeLamports: '5',
      priorityFeeLamports: '7',
      tipLamports: '3',
    },
  }),
  rec('p5#1', {
    kind: 'position',
    position: { id: 'p5', status: 'open', openedAt: 0, unrealizedLamports: '-7' },
  }),
]

test('trades, profit, drawdown, costs and refusals add up', () => {
  for (const line of lines) report.update(line)
  const { winRate, confidence, exits, orders, refusals, ...rest } = report.value()
  assert.deepEqual(rest, {
    trades: 4,
    wins: 2,
    pnlLamports: 150n,
    unrealizedLamports: -7n,
    profitFactor: 1.6, // 400 won, 250 lost
    drawdownLamports: 260n,
    drawdown: 0.236363636,
    holdMinutes: 2.5,
    open: 1,
    orphans: 0,
    inside: { sales: 0, unseenAtClose: 0 },
    costs: {
      network: 10n,
      priority: 14n,
      tip: 3n,
      pool: 6n,
      impact: 0n,
      slippage: 0n,
      gap: 4n,
      failed: 10n,
    },
    // Of 400: 5 are 125 bps, 7 are 175, 1 is 25. Of 200: 5 are 250, 7 are 350, 3 are 150, the fee
    // 5 is 250.
    sides: [
      {
        side: 'buy',
        fills: 1,
        cashLamports: 400n,
        chargedBps: 325,
        impactUnknown: 0,
        bps: { pool: 25, impact: 0, slippage: 0, network: 125, priority: 175, tip: 0 },
      },
      {
        side: 'sell',
        fills: 1,
        cashLamports: 200n,
        chargedBps: 1000,
        impactUnknown: 0,
        bps: { pool: 250, impact: 0, slippage: 0, network: 250, priority: 350, tip: 150 },
      },
    ],
    chains: ['unknown'],
    reclaimed: { accounts: 0, lamports: 0n },
  })
  // Wilson 95 % for 2 of 4: 0.1500 to 0.8500 (Wilson 1927; statsmodels proportion_confint gives the
  // same)
  assert.deepEqual(
    [winRate?.value, winRate?.low.toFixed(4), winRate?.high.toFixed(4)],
    [0.5, '0.1500', '0.8500'],
  )
  assert.deepEqual(exits.get('stop-loss'), { trades: 2, pnlLamports: -250n })
  assert.deepEqual(
    [...refusals],
    [
      ['cash', 2],
      ['streak', 1],
    ],
  )
  assert.deepEqual(
    [...orders],
    [
      ['buy reverted slippage', 1],
      ['buy landed', 1],
    ],
  )
  assert.deepEqual([...confidence.keys()], ['0.6–0.7', '0.7–0.8', '0.8–0.9'])
  assert.equal(confidence.get('0.7–0.8')?.wins, 1)
})

test('lines seen twice do not count twice', () => {
  const before = reportLines(report.value())
  for (const line of lines)
    if (line.order?.state !== 'refused' && line.order?.state !== 'reverted') report.update(line)
  assert.equal(reportLines(report.value()), before)
})

test('the text fits a terminal, the lines are JSON', () => {
  const text = reportText(report.value(), 'SOL')
  assert.ok(text.split('\n').every(line => line.length <= 80))
  assert.match(text, /win rate +50\.0 %, 95 %: 15\.0 % to 85\.0 %/)
  assert.equal(JSON.parse(reportLines(report.value()).split('\n')[0]!).pnlLamports, '150')
  assert.deepEqual(
    [inUnits(-1_234_550_000n), inUnits(1n), inUnits(-49_999n), inUnits(10n ** 10n)],
    ['-1.2346', '0.0000', '0.0000', '10.0000'],
  )
  assert.doesNotThrow(() => reportText(makeReport(1n).value(), 'usd'))
})

test('a report says on its first line that costs are below what was asked, or not known', () => {
  const fillOf = (side: 'buy' | 'sell', costs: object) =>
    rec(`${side}${JSON.stringify(costs)}#fill1`, {
      kind: 'fill',
      fill: {
        intent: `${side}${JSON.stringify(costs)}`,
        side,
        inAmount: '9840',
        outAmount: '9840',
        feeLamports: '0',
        priorityFeeLamports: '0',
        costs: { poolLamports: '0', slippageLamports: '160', ...costs },
      },
    })
  const first = (...fills: Rec[]) => {
    const made = makeReport(1_000_000n)
    for (const fill of fills) made.update(fill)
    const value = made.value()
    return [reportText(value, 'SOL').split('\n')[0], JSON.parse(reportLines(value).split('\n')[0]!)]
  }
  // 160 of 10,000 are 160 bps where 300 were asked.
  const below = 'Costs are below what was asked: buys cost 160 of 300 bps'
  const short = first(fillOf('buy', { impactLamports: '0', askedBps: 300 }))
  assert.deepEqual([short[0], short[1].warning], [below, below])
  const even = first(fillOf('sell', { impactLamports: '0', askedBps: 160 }))
  assert.deepEqual([even[0], even[1].warning], ['Trades', undefined])
  assert.equal(
    first(fillOf('sell', { askedBps: 160 }))[0],
    'Costs are below what was asked: 1 of 1 sells have no impact: no liquidity, no volume',
  )
})

test('sales that the way of a candle set off are told, and what closes do not show of them', () => {
  const made = makeReport(1000n)
  const sale = (n: number, state: string, seenAtClose: boolean): Rec =>
    rec(`s${n}#2`, {
      order: {
        intent: `s${n}`,
        side: 'sell',
        state,
        reasons: [],
        inside: { price: 1, seenAtClose },
      },
    })
  for (const line of [
    sale(1, 'landed', true),
    sale(2, 'landed', false),
    sale(3, 'reverted', false),
  ])
    made.update(line)
  assert.deepEqual(made.value().inside, { sales: 2, unseenAtClose: 1 })
  assert.match(reportText(made.value(), 'SOL'), /inside a candle +2 sales, 1 of them unseen/)
})

test('deposits taken back are no sales: they have a line of their own', () => {
  const made = makeReport(1_000_000_000n)
  const intent = 'reclaim:mint:5:account'
  const claim = { intent, side: 'sell', inAmount: '0', outAmount: '0', feeLamports: '5000' }
  made.update(
    rec('c#1', {
      kind: 'order',
      order: { intent, side: 'sell', state: 'landed', reasons: [], attempt: 1 },
    }),
  )
  const back = { ...claim, priorityFeeLamports: '0', rentReturnedLamports: '2039280' }
  made.update(rec('c#fill1', { kind: 'fill', fill: back }))
  const { sides, orders, reclaimed, costs, trades } = made.value()
  assert.deepEqual([sides, trades, costs.network], [[], 0, 5000n])
  assert.deepEqual(reclaimed, { accounts: 1, lamports: 2_039_280n })
  assert.deepEqual([...orders], [['reclaim landed', 1]])
  assert.match(
    reportText(made.value(), 'SOL'),
    /deposits taken back +0\.0020 SOL from 1 token account\n/,
  )
})
