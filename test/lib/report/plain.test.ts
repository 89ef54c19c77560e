import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rec } from '../../../lib/records/record.ts'
import { makeOutcomes } from '../../../lib/report/labelled.ts'
import { judgedOf } from '../../../lib/report/labelled-text.ts'
import { plainText } from '../../../lib/report/plain.ts'
import { makeReport } from '../../../lib/report/trade-report.ts'

const SOL = 1_000_000_000
const judging = { resample: 200, seed: '1', ruin: 0.5, period: 86_400_000 }
const files = { trades: ['-'], labels: [] }
const rec = (id: string, ts: number, part: object): Rec =>
  ({ v: 1, id, ts, kind: 'order', mint: id, source: 'execute', ...part }) as Rec

/** A closed position that cost 1 SOL; gain in SOL after costs. */
const closed = (n: number, gain: number, exit: string): Rec =>
  rec(`p${n}`, n * 3_600_000, {
    kind: 'position',
    position: {
      id: `p${n}`,
      status: 'closed',
      exit,
      openedAt: 0,
      closedAt: n * 3_600_000,
      costLamports: String(SOL),
      pnlLamports: String(Math.round(gain * SOL)),
      entry: { decision: 'd', confidence: 0.8 },
    },
  })
/** A buy that paid fees to the network and to its pool, in SOL. */
const fill = (n: number, network: number, pool: number): Rec =>
  rec(`f${n}`, 0, {
    kind: 'fill',
    fill: {
      intent: `f${n}`,
      side: 'buy',
      inAmount: String(SOL),
      outAmount: '1',
      feeLamports: String(Math.round(network * SOL)),
      priorityFeeLamports: '0',
      poolFeeAmount: String(Math.round(pool * SOL)),
    },
  })
const reportOf = (lines: Rec[]) => {
  const report = makeReport(BigInt(10 * SOL))
  for (const line of lines) report.update(line)
  return report
}

test('a loss that costs made says so, with the exits and entries that lost', () => {
  // 0.10 − 0.04 − 0.10 = −0.04; costs 3 × (0.01 + 0.02) = 0.09, so 0.05 before them.
  const lines = [
    ...[1, 2, 3].map(n => fill(n, 0.01, 0.02)),
    closed(1, 0.1, 'take-profit'),
    closed(2, -0.04, 'time-stop'),
    closed(3, -0.1, 'stop-loss'),
  ]
  const text = plainText(reportOf(lines), judging, undefined, files)
  assert.match(text, /^ {2}3 positions in 3 tokens bought and sold within 0\.1 days, 0 still open/m)
  assert.match(text, /1 of 3 closed ones made a profit after all costs \(33\.3 %\)/)
  // The peak is 10.10, the end 9.96: 1.4 % below.
  assert.match(
    text,
    /10\.0000 SOL became 9\.9600 by closed trades; .* fall of that from its peak was 1\.4 %/,
  )
  assert.match(text, /0\.0900 SOL in all, 3\.0 % of what was put in/)
  assert.match(text, /Why it lost\n {2}After costs -0\.0400 SOL, before them about 0\.0500/)
  assert.match(text, /the costs turned a profit into a loss/)
  assert.match(
    text,
    /most lost by stop-loss -0\.1000 SOL in 1 trade; most made by take-profit 0\.10/,
  )
  assert.match(text, /2 of 3 entries lost 0\.1400 SOL; the other 1 made 0\.1000/)
  assert.match(text, /Mean confidence at entry was 0\.80; 33\.3 % of them won/)
  assert.match(text, /3 trades are too few to tell skill from luck/)
})

test('a loss that costs did not make, and a profit, are told apart', () => {
  const lost = plainText(
    reportOf([fill(1, 0.01, 0), closed(1, -0.5, 'rug')]),
    judging,
    undefined,
    files,
  )
  assert.match(lost, /it lost without costs too/)
  assert.match(lost, /1 of 1 entry lost 0\.5000/)
  const won = plainText(
    reportOf([fill(1, 0.01, 0), closed(1, 0.5, 'model')]),
    judging,
    undefined,
    files,
  )
  assert.match(won, /Where the profit came from/)
  assert.match(won, /it outweighed the costs/)
})

test('without trades it says what stood in the way', () => {
  const refused = rec('r', 1, {
    order: { intent: 'i', side: 'buy', state: 'refused', reasons: ['cash'] },
  })
  assert.match(plainText(reportOf([refused]), judging, undefined, files), /refused by cash \(1\)/)
  const none = plainText(reportOf([]), judging, undefined, files)
  assert.match(none, /Why nothing was traded\n {2}No line asked to buy anything/)
  assert.doesNotMatch(none, /What it cost/)
})

test('what models were worth is the bought beside all that the other rules passed', () => {
  const outcomes = makeOutcomes({ horizon: 'h1', costBps: 0 })
  const label = (n: number, act: string, reasons: string[], gain: number): void =>
    outcomes.take({
      ...rec(`m${n}`, n, { decision: { act, reasons, confidence: 0.8 } }),
      label: { horizon: 'h1', return: gain, censored: false, availableAt: n },
    } as Rec)
  for (let n = 0; n < 20; n++) label(n, 'buy', [], 0.1)
  for (let n = 20; n < 40; n++) label(n, 'drop', ['confidence'], -0.2)
  for (let n = 40; n < 60; n++) label(n, 'drop', ['liquidity'], -0.9)
  const trades = ['a.ndjson']
  const text = plainText(reportOf([]), judging, judgedOf(outcomes, '1'), { trades, labels: ['b'] })
  // Bought +10 %, without a model (20 × 0.1 − 20 × 0.2) / 40 = −5 %; the refused liquidity is in
  // none.
  assert.match(text, /Bought: +10\.00 % a trade/)
  assert.match(text, /All that other rules passed: +-5\.00 % a trade/)
  assert.match(text, /Better than without by 15\.00 % a trade\./)
  assert.match(text, /gate refused by confidence \(20\), liquidity \(20\)/)
  assert.match(text, /sluice report --html report\.html --labels b a\.ndjson/)
  assert.ok(text.trimEnd().split('\n').length <= 22)
})
