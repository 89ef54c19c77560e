import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeAccuracy } from '../../../lib/monitor/status/accuracy.ts'
import type { Rec } from '../../../lib/records/record.ts'
import { makeJournal } from '../../../lib/store/journal/journal.ts'
import { query } from '../../../lib/store/query/query.ts'
import { sync } from '../../../lib/store/tables/sync.ts'
import { makeLine } from '../../../lib/stream/line.ts'
import { DAY, freshHome, market } from './lines.ts'

/** Wednesday 2026-11-18, 12:00 UTC; its week begins on the 16th. */
const NOON = Date.UTC(2026, 10, 18, 12)
const HOUR = 3_600_000

function write(home: string, name: string, recs: readonly object[]): void {
  const journal = makeJournal({ home, name, fsync: 1000, minFree: 0, recall: 0 })
  const lines = recs.map((rec, n) => makeLine({ ...market(n, NOON).rec, ...rec } as unknown as Rec))
  void journal.batch?.(lines, () => undefined)
  void journal.close?.()
}

async function ask(home: string, sql: string): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = []
  for await (const rows of query({ home, sql })) all.push(...rows)
  return all
}

/** A market in which one token was bought on a prediction, one refused, one a path. */
function fill(home: string): void {
  const said = (p: number) => ({ moon: { version: '1', p } })
  const decided = (act: 'buy' | 'drop', reasons: string[]) => ({
    decision: { act, reasons },
  })
  const features = { pool: { hash: '9f2c41d07be3', ready: true, values: {}, regime: 'calm' } }
  write(home, 'decisions', [
    { id: 'a', mint: 'A', prediction: said(0.9), ...decided('buy', []), features },
    { id: 'b', mint: 'B', prediction: said(0.7), ...decided('drop', ['age']) },
    // A second line of B in the week: one of the two counts.
    { id: 'b2', ts: NOON + 1, mint: 'B', prediction: said(0.7), ...decided('drop', ['age']) },
    { id: 'c', ts: NOON + 7 * DAY, mint: 'C', prediction: said(0.2) },
    {
      id: 'path',
      mint: 'P',
      prediction: { opportunity: { version: '1', successProbability: 0.6 } },
    },
    { id: 'open', mint: 'D', prediction: said(0.5) },
  ])
  write(home, 'seen', [
    {
      id: 't:a',
      kind: 'token',
      mint: 'A',
      market: undefined,
      token: { createdAt: NOON - 2 * HOUR },
    },
  ])
  const label = (id: string, mint: string, horizon: string, more: object) => ({
    id,
    mint,
    label: { horizon, censored: false, availableAt: NOON + HOUR, ...more },
  })
  write(home, 'labels', [
    label('a', 'A', 'n10', { willMoon: true }),
    label('a', 'A', 'h1', { return: 0.4 }),
    label('b', 'B', 'n10', { willMoon: false }),
    label('b', 'B', 'h1', { return: -0.6 }),
    label('b2', 'B', 'n10', { willMoon: false }),
    label('b2', 'B', 'h1', { return: -0.6 }),
    label('c', 'C', 'n10', { willMoon: false }),
    label('path', 'P', 'path', { success: true, profitLamports: '1500' }),
  ])
  write(home, 'trades', [
    {
      id: 'position:1:closed',
      kind: 'position',
      mint: 'A',
      ts: NOON + HOUR,
      market: undefined,
      position: {
        id: '1',
        status: 'closed',
        exit: 'take-profit',
        openedAt: NOON,
        closedAt: NOON + HOUR,
        boughtAmount: '5',
        amount: '0',
        costLamports: '100',
        proceedsLamports: '125',
        feesLamports: '0',
        rentLamports: '0',
        pnlLamports: '25',
        pnl: 0.25,
        entry: { decision: 'a' },
      },
    },
  ])
}

test('predictions know their outcome, what gate did and what it brought', async () => {
  const home = freshHome()
  fill(home)
  await sync({ home })
  const rows = await ask(
    home,
    'SELECT id, outcome, gate_act, realised_return, realised_by, would_have_earned, ' +
      'trade_pnl_lamports, path_profit_lamports FROM ml_predictions ORDER BY id',
  )
  const known = rows.map(row =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
  )
  const refused = {
    outcome: 'false',
    gate_act: 'drop',
    realised_return: -0.6,
    realised_by: 'h1',
    would_have_earned: -0.6,
  }
  assert.deepEqual(
    JSON.parse(JSON.stringify(known, (_, x) => (typeof x === 'bigint' ? Number(x) : x))),
    [
      {
        id: 'a',
        outcome: 'true',
        gate_act: 'buy',
        realised_return: 0.25,
        realised_by: 'trade',
        trade_pnl_lamports: known[0]!.trade_pnl_lamports,
      },
      { id: 'b', ...refused },
      { id: 'b2', ...refused },
      { id: 'c', outcome: 'false' },
      { id: 'open' },
      { id: 'path', outcome: 'true', path_profit_lamports: known[5]!.path_profit_lamports },
    ],
  )
  assert.equal(String(known[0]!.trade_pnl_lamports), '25')
  assert.equal(String(known[5]!.path_profit_lamports), '1500')
})

test('accuracy by week, version, age and regime is one view and one command', async () => {
  const home = freshHome()
  fill(home)
  await sync({ home })
  let text = ''
  const out = { write: async (more: string) => void (text += more) }
  await writeAccuracy(home, false, out)
  const rows = text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)
  const found = rows.map(row => [
    row.week,
    row.model,
    row.token_age,
    row.regime,
    row.tokens,
    row.accuracy,
    row.bought,
    row.refused,
    row.refused_return ?? null,
  ])
  assert.deepEqual(found, [
    ['2026-11-23', 'moon', 'unknown', 'unknown', 1, 1, 0, 0, null],
    ['2026-11-16', 'moon', '1h to 1d', 'calm', 1, 1, 1, 0, null],
    ['2026-11-16', 'moon', 'unknown', 'unknown', 1, 0, 0, 1, -0.6],
    ['2026-11-16', 'opportunity', 'unknown', 'unknown', 1, 1, 0, 0, null],
  ])
  // (0.9 − 1)².
  assert.ok(Math.abs(Number(rows[1]!.brier) - 0.01) < 1e-9)
  // Wilson for 1 of 1: 1/(1 + 1.96²) = 0.2065 to 1.
  assert.ok(Math.abs(Number(rows[1]!.accuracy_low) - 0.2065) < 1e-3)
  text = ''
  await writeAccuracy(home, true, out)
  assert.match(text, /^week +model +version +token_age/)
  await assert.rejects(writeAccuracy(freshHome(), false, out), { code: 4 })
})
