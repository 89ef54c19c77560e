import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertLimits } from '../../../lib/learn/guard-alerts.ts'
import type { Loop } from '../../../lib/learn/retraining.ts'
import type { LearnState } from '../../../lib/learn/retraining-state.ts'
import { appendRow } from '../../../lib/store/journal/rows.ts'
import { sync } from '../../../lib/store/tables/sync.ts'
import { folder } from '../model/fixture.ts'

const HOUR = 3_600_000
const AT = Date.UTC(2026, 0, 5, 12)

test('the guard alerts by the newest reports of drift', async t => {
  const home = folder(t)
  const report = (name: string, ts: number, more: object): void =>
    appendRow(home, 'ml_drift_reports', {
      id: `drift:moon:1:feature:${name}:${ts}`,
      ts,
      model: 'moon',
      version: '1',
      scope: 'feature',
      name,
      verdict: 'quiet',
      drifted: false,
      rows: 100,
      ...more,
    })
  // Over the limit by the tokens that came, before a window is; two windows in a row; far; over.
  report('early', AT - HOUR, { drifted: true, sinceAt: AT - 2 * HOUR })
  report('late', AT - HOUR, { drifted: true, above: true, jsDistance: 0.1 })
  report('far', AT - HOUR, { above: true, jsDistance: 0.45 })
  report('over', AT - 3 * HOUR, { drifted: true, above: true, jsDistance: 0.9 })
  report('over', AT - HOUR, { above: false, jsDistance: 0.02 })
  await sync({ home, warn: () => undefined })
  let state: LearnState = {}
  const told: string[] = []
  const at = (now: number): Promise<void> =>
    alertLimits(
      {
        model: 'moon',
        at: now,
        aliases: () => ({ production: '1' }),
        state: () => state,
        remember: (change: Partial<LearnState>) => {
          state = { ...state, ...change }
        },
      } as unknown as Loop,
      { home, alertCommand: undefined, stderr: line => void told.push(line) },
      undefined,
      { alertAccuracy: 0.7, alertDivergence: 0.3 },
    )
  await at(AT)
  const all = told.join('\n')
  assert.equal(told.length, 2, all)
  assert.match(all, /moon@1: far is 0\.450 from its training rows/)
  assert.match(all, /moon@1: 2 of 4 drifted: early since 2026-01-05T10:00:00\.000Z, late/)
  await at(AT + HOUR)
  assert.equal(told.length, 2)
  await at(AT + 24 * HOUR)
  assert.equal(told.length, 4)
})
